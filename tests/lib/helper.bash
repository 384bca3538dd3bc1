# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
#
# Shared by the bats files: victims (tests/lib/victim.c) as targets, the location of their memory
# according to /proc/PID/numa_maps, and assertions after a move. Programs are found through PATH.
#
# Tests that need nodes run their commands on this machine or, with $THERE, in the emulated one.
# bats itself always runs here; `there COMMAND` runs a command on the machine with the nodes. The
# commands of this project are functions that do so.
#
# A test file with its own teardown must call victim_stop in it.

bats_require_minimum_version 1.5.0
# One file instead of sixty, which bats would read again before each test.
# shellcheck source=/dev/null
source "${abs_top_builddir:-$BATS_TEST_DIRNAME/../../build}/tests/lib/asserts.bash"

# The machine and the user of the tests.

# there [-i] COMMAND...: run it on the machine with the nodes; -i: with standard input.
if [[ ${THERE:-} ]]; then
	# Each file uses its own copies of the programs, so files that run at the same time do
	# not move each other's pages.
	export THERE_PATH=/run/programs/${BATS_TEST_FILENAME##*/}
	there() {
		"$abs_top_builddir/tests/guest/there" "$@"
	}
	setup_file() {
		# shellcheck disable=SC2016
		there bash -c 'mkdir -p "$0" && cd /numapages/tests &&
			cp lib/{filtered,mishap,victim,whereis} slow/traps "$0"' "$THERE_PATH"
	}
	for program in movepages migratepages filtered mishap traps victim whereis; do
		eval "$program() {
			local input
			[[ \" \$* \" != *' - '* && \" \$* \" != *'=- '* ]] || input=-i
			there \$input $program \"\$@\"
		}"
	done
else
	there() {
		[[ $1 != -i ]] || shift
		"$@"
	}
fi

# cannot_run REASON: skip, or fail if the machine must be able to run the test.
cannot_run() {
	[[ -z ${NUMAPAGES_REQUIRE_NODES:-} ]] || fail "$1"
	skip "$1"
}

# needs_nodes N: the test uses nodes 0 to N-1.
needs_nodes() {
	local node nodes=/sys/devices/system/node
	for ((node = 0; node < $1; node++)); do
		[[ ${THERE:-} ]] || grep -qs 'MemTotal: *[1-9]' "$nodes/node$node/meminfo" ||
			cannot_run "needs $1 nodes with memory"
	done
}

is_root() {
	[[ ${THERE:-} ]] || ((EUID == 0))
}

needs_root() {
	is_root || cannot_run "needs root"
}

# needs_terminal: the test uses a pseudo-terminal.
needs_terminal() {
	there script -qec true /dev/null </dev/null >/dev/null 2>&1 ||
		cannot_run "needs a pseudo-terminal (/dev/pts)"
}

# node_fill N [MIB]: turn node N, except MIB that stay free, into hugetlb pages. Files that use
# it need the tag "alone", and node_empty in their teardown.
node_fill() {
	local node=/sys/devices/system/node/node$1 free
	local size
	size=$(huge_bytes)
	POOL=$node/hugepages/hugepages-$((size >> 10))kB/nr_hugepages
	POOL_BEFORE=$(there cat "$POOL")
	free=$(there cat "$node/meminfo" | awk '/MemFree/ { print int($4 / 1024) }')
	write_there $((POOL_BEFORE + (free - ${2:-0}) / (size >> 20))) "$POOL"
}

node_empty() {
	[[ ! ${POOL:-} ]] || write_there "$POOL_BEFORE" "$POOL"
}

# file_there FILE: copy standard input to it.
file_there() {
	there -i tee "$1" >/dev/null
}

# write_there TEXT FILE: write a line.
write_there() {
	# shellcheck disable=SC2016
	there sh -c 'echo "$0" >"$1"' "$@"
}

# user_prepare: from now on, run victims and as_user as an ordinary user, who may not have access
# to the build directory.
user_prepare() {
	USER_PREFIX=()
	is_root || return 0
	USER_DIR=$(there mktemp -d /tmp/numapages-user.XXXXXX)
	# shellcheck disable=SC2016
	there bash -c 'chmod 755 "$0" &&
		install -m 755 -t "$0" $(type -P victim migratepages movepages)' "$USER_DIR"
	USER_PREFIX=(setpriv --reuid 65534 --regid 65534 --clear-groups
		env "PATH=$USER_DIR:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
}

user_cleanup() {
	[[ -z ${USER_DIR:-} ]] || there rm -r "$USER_DIR"
}

as_user() {
	there "${USER_PREFIX[@]}" "$@"
}

# in_build TARGET...: make it, without the environment of the `make check` that runs this test.
in_build() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$abs_top_builddir" "$@" 3>&-
}

# is_sanitized: return whether the commands are built with a memory sanitizer.
is_sanitized() {
	ldd "$(command -v movepages)" | grep -q 'lib[at]san'
}

# Victims.

declare -gA VICTIM_IN=() VICTIM_OUT=() VICTIM_JOB=() VICTIM_MAPPINGS=()
declare -ga USER_PREFIX=()

# victim_start OPERAND...: start a victim and wait until it has its memory. Sets VICTIM_PID, the
# victim that all functions below use; VICTIM_PID=... selects another one.
victim_start() {
	local dir in out job line mappings=
	dir=$(mktemp -d "$BATS_TEST_TMPDIR/victim.XXXXXX")
	mkfifo "$dir/in" "$dir/out"
	there -i "${USER_PREFIX[@]}" victim "$@" <"$dir/in" >"$dir/out" 2>"$dir/errors" 3>&- &
	job=$!
	exec {in}<>"$dir/in" {out}<"$dir/out"
	while read -r line <&"$out" && [[ $line != ready* ]]; do
		mappings+=$line$'\n'
	done
	[[ $line == ready* ]] || fail "victim $*: $(<"$dir/errors")"
	VICTIM_PID=${line#ready }
	VICTIM_IN[$VICTIM_PID]=$in VICTIM_OUT[$VICTIM_PID]=$out VICTIM_JOB[$VICTIM_PID]=$job
	VICTIM_MAPPINGS[$VICTIM_PID]=$mappings
	# After one exchange, waiting for commands touches no new page.
	assert_equal "$(victim_ask unmap nothing)" "unmapped 0"
}

# victim_ask COMMAND...: print the victim's answer.
victim_ask() {
	local answer
	kill -0 "${VICTIM_JOB[$VICTIM_PID]}" || fail "victim $VICTIM_PID is gone"
	echo "$*" >&"${VICTIM_IN[$VICTIM_PID]}"
	read -r answer <&"${VICTIM_OUT[$VICTIM_PID]}" ||
		fail "victim $VICTIM_PID does not answer"
	echo "$answer"
}

# victim_stop: end all victims; their children end with them.
victim_stop() {
	local pid in out
	for pid in "${!VICTIM_IN[@]}"; do
		victim_kill "$pid"
		in=${VICTIM_IN[$pid]} out=${VICTIM_OUT[$pid]}
		exec {in}>&- {out}<&-
	done
	VICTIM_IN=() VICTIM_OUT=() VICTIM_JOB=() VICTIM_MAPPINGS=()
}

# victim_kill PID: kill it and wait for its end.
victim_kill() {
	there kill -KILL "$1" 2>/dev/null || true
	wait "${VICTIM_JOB[$1]}" 2>/dev/null || true
}

teardown() {
	victim_stop
}

# victim_fork [N [KIND]]: make N children (1) of the victim that read its mappings of this kind.
# Sets FAMILY: the victim and its children.
victim_fork() {
	local answer
	answer=$(victim_ask fork "$@")
	# shellcheck disable=SC2034
	read -ra FAMILY <<<"${answer/forked/$VICTIM_PID}"
}

# zombie_make: print the PID of a zombie, a child of the victim.
zombie_make() {
	local zombie
	zombie=$(victim_ask fork)
	zombie=${zombie#forked }
	there kill -KILL "$zombie"
	until there cat "/proc/$zombie/status" | grep -q '^State:.Z'; do :; done
	echo "$zombie"
}

# mapping KIND [I]: print `START END [PINNED...]` of the I-th (0) mapping of this kind.
mapping() {
	awk -v kind="$1" -v skip="${2:-0}" '
		$1 == kind && !skip-- { sub(/^[^ ]* /, ""); print; found = 1; exit }
		END { exit !found }' <<<"${VICTIM_MAPPINGS[$VICTIM_PID]}" ||
		fail "the victim has no mapping $*"
}

# range KIND [I]: print it as an operand, START-END.
range() {
	local start end
	read -r start end _ < <(mapping "$@")
	echo "$start-$end"
}

# page_bytes: print the size of a page. huge_bytes: that of a huge page.
page_bytes() {
	[[ ${PAGE_BYTES:-} ]] || PAGE_BYTES=$(there getconf PAGESIZE)
	echo "$PAGE_BYTES"
}

huge_bytes() {
	there cat /proc/meminfo | awk '/^Hugepagesize:/ { print $2 * 1024 }'
}

# page KIND N [I]: print the address of its page N.
page() {
	local start
	read -r start _ < <(mapping "$1" "${3:-0}")
	printf '%x\n' $((16#$start + $2 * $(page_bytes)))
}

# Other processes.

# gone: print the PID of a process that has exited.
gone() {
	local pid
	sleep 0 &
	pid=$!
	wait "$pid"
	echo "$pid"
}

# kernel_thread: print the PID of a kernel thread; a container may have none.
kernel_thread() {
	# The seventh field after the name has the flags; PF_KTHREAD is 0x200000.
	local stat line fields
	for stat in /proc/[0-9]*/stat; do
		read -r line 2>/dev/null <"$stat" || continue
		read -ra fields <<<"${line##*) }"
		if ((fields[6] & 0x200000)); then
			echo "${line%% *}"
			return
		fi
	done
	return 1
}

# Location of memory, in bytes, according to numa_maps, which counts a hugetlb page as one.

# numa_bytes NODE [START]: print the bytes of the victim, or of its mapping at START, on NODE.
numa_bytes() {
	there cat "/proc/$VICTIM_PID/numa_maps" | awk -v node="N$1=" -v start="${2:-}" '
		start == "" || $1 == start {
			# vvar has no file= and no anon=: pages of the kernel.
			unit = 0
			for (i = 2; i <= NF && / (file|anon)=/; i++) {
				if (index($i, node) == 1)
					pages = substr($i, length(node) + 1)
				if (sub(/^kernelpagesize_kB=/, "", $i))
					unit = $i * 1024
			}
			bytes += pages * unit
			pages = 0
		}
		END { printf "%d\n", bytes }'
}

# placement: print one line per mapping of the victim: its kind, and its bytes on nodes 0 to 3.
placement() {
	awk '
		FNR == NR { if (NF) { start[++n] = $2; kind[$2] = $1 }
			    next }
		$1 in kind {
			unit = 0
			for (i = 2; i <= NF; i++)
				if (sub(/^kernelpagesize_kB=/, "", $i))
					unit = $i * 1024
			for (i = 2; i <= NF; i++)
				if (split($i, part, /[N=]/) == 3 && part[1] == "")
					bytes[$1, part[2]] = part[3] * unit
		}
		END { for (i = 1; i <= n; i++) {
			printf "%s:", kind[start[i]]
			for (node = 0; node < 4; node++)
				printf " %d", bytes[start[i], node]
			print "" } }' \
		- <(there cat "/proc/$VICTIM_PID/numa_maps") <<<"${VICTIM_MAPPINGS[$VICTIM_PID]}"
}

# nodes_of_pages: print the node or status of every page address on standard input, one per line.
nodes_of_pages() {
	there -i whereis "$VICTIM_PID" | cut -d ' ' -f 2
}

# traced CALLS COMMAND...: run it under strace, which writes $BATS_TEST_TMPDIR/trace. The leak
# checker of sanitizers does not work under strace.
traced() {
	there env ASAN_OPTIONS=detect_leaks=0 strace -f -e trace="$1" -o "$BATS_TEST_TMPDIR/trace" "${@:2}"
}

# Failures and their messages.

# reason PROVOKE STATUS CAUSE ADVICE: PROVOKE makes command fail; it sets command, and pid if there
# is a process. Check that the message of command, one line besides the summary, has the cause
# and the advice.
reason() {
	local command=() pid="" said
	"$1"
	run "-$2" --separate-stderr "${command[@]}"
	said=$(grep -vE '^m[a-z]*pages: [^:]*: (interrupted: |timed out: )?(moved|nothing to move) ' <<<"$stderr")
	assert_equal "$said" "${said%%$'\n'*}"
	assert_regex "$said" "^m[a-z]*pages: (process $pid[^:]*: |victim \\($pid\\): )?"
	[[ $said == *"$3"*"$4"* ]] || fail "not '$3' and '$4': $said"
}

# Effects of options.

# outcome WORD...: print output and exit status of movepages WORD... for the victim.
outcome() {
	local status=0
	movepages "$@" "$VICTIM_PID" 2>&1 3>&- || status=$?
	echo "exit status $status"
}

# changes OPTION WORD...: check that the option changes the outcome of a command line.
changes() {
	[[ $(outcome "$@") != "$(outcome "${@:2}")" ]] || fail "$1 changes nothing with ${*:2}"
}

# effects WORD... : OPTION...: check that each option changes the outcome of the command line, and
# of the command line with each other option, unless the two are mutually exclusive. (A --timeout
# may hide the other option; --json always prints bytes.)
effects() {
	local words=() options i k both alone=()
	while [[ $1 != : ]]; do
		words+=("$1")
		shift
	done
	options=("${@:2}")
	trap - DEBUG
	for i in "${!options[@]}"; do
		changes "${options[i]}" "${words[@]}"
		alone[i]=$(outcome "${words[@]}" "${options[i]}")
		for ((k = 0; k < i; k++)); do
			both=$(outcome "${words[@]}" "${options[k]}" "${options[i]}")
			[[ $both != *"mutually exclusive"* && $both != *" needs "* &&
				"${options[k]} ${options[i]}" != "--json --bytes" ]] || continue
			[[ $both != "${alone[k]}" ]] ||
				fail "${options[i]} changes nothing with ${words[*]} ${options[k]}"
			[[ $both != "${alone[i]}" || ${options[i]} == --timeout* ]] ||
				fail "${options[k]} changes nothing with ${words[*]} ${options[i]}"
		done
	done
}

# Moves in the background, to do something during the move.

# move_begin NODE COMMAND...: start it and wait for the first page of the first mapping on NODE.
move_begin() {
	local start
	read -r _ start _ <<<"${VICTIM_MAPPINGS[$VICTIM_PID]}"
	"${@:2}" >"$BATS_TEST_TMPDIR/output" 2>"$BATS_TEST_TMPDIR/errors" 3>&- &
	mover=$!
	until (($(numa_bytes "$1" "$start"))); do
		kill -0 "$mover" || fail "nothing moved: $(<"$BATS_TEST_TMPDIR/errors")"
	done
}

# move_end STATUS: wait for it and check its status. Sets output and stderr.
move_end() {
	local status=0
	wait "$mover" || status=$?
	output=$(<"$BATS_TEST_TMPDIR/output") stderr=$(<"$BATS_TEST_TMPDIR/errors")
	assert_equal "$status" "$1"
	assert_account
}

# Assertions.

assert_intact() {
	local answer
	answer=$(victim_ask check)
	[[ $answer == intact* ]] || fail "victim's memory: $answer"
}

# assert_none_on NODE...: no page of the victim is on these nodes.
assert_none_on() {
	local node
	for node; do
		[[ $(numa_bytes "$node") == 0 ]] || fail "still on node $node: $(
			there cat "/proc/$VICTIM_PID/numa_maps" | grep "N$node=")"
	done
}

# assert_all_on NODE KIND...: all touched pages of these mappings are on NODE.
assert_all_on() {
	local wrong
	wrong=$(placement | awk -v node="$1" -v kinds="${*:2}" '
		BEGIN { n = split(kinds, kind, " ")
			for (i = 1; i <= n; i++)
				seen[kind[i] ":"] = 0 }
		$1 in seen {
			seen[$1] = 1
			for (i = 2; i <= NF; i++)
				if (($i > 0) != (i - 2 == node)) {
					print
					next
				}
		}
		END { for (name in seen)
			if (!seen[name])
				print name " no such mapping" }')
	[[ ! $wrong ]] || fail "not all on node $1: $wrong"
}

# account FIELD: print the bytes of a field of the JSON in $output, such as left_by.busy.
account() {
	json ".account.$1.bytes"
}

# json FILTER: apply it to the single process of the JSON in $output.
json() {
	jq -cre ".processes[0] | $1" <<<"$output" || fail "not in the JSON: $1"
}

# assert_account [FIELD=BYTES]...: in the JSON in $output the counts of every process add up, in
# bytes, base pages and huge pages, and the first process has these values.
assert_account() {
	local wrong
	wrong=$(jq -sr '
		def adds_up: [.scope, .moved, .already_there, .in_larger_unit, .gone, .left]
			| map([.pages, .huge_pages, .bytes]) | transpose
			| all(.[]; .[0] == (.[1:] | add));
		.[0] | (select(.schema != 2) | "the schema is \(.schema)"),
		(.processes[].account | select(adds_up | not) | "does not add up: \(.)"),
		.processes[0].account as $account | $ARGS.positional[] | split("=")
		| .[1] as $want | .[0] as $field
		| ($account | getpath($field | split(".")).bytes | tostring) as $is
		| select($is != $want) | "\($field) is \($is), not \($want)"
		' --args "$@" <<<"$output") || fail "not such JSON: $output"
	[[ ! $wrong ]] || fail "the account: $wrong"
}
