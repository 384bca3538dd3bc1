# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
#
# What the bats files share: victims (tests/lib/victim.c) to work on, where their memory is by
# /proc/PID/numa_maps, and what has to hold after a move. Programs are found through PATH.
#
# Tests that need nodes work on this machine, or, with $THERE, in the emulated one. bats,
# and what only looks at text, runs here in either case; what the machine with the nodes
# has to do is said by `there COMMAND`. Commands of this project go there by themselves.
#
# A test file that brings a teardown of its own calls victim_stop there.

bats_require_minimum_version 1.5.0
# One file in place of sixty, which are read anew before each test.
# shellcheck source=/dev/null
source "${abs_top_builddir:-$BATS_TEST_DIRNAME/../../build}/tests/lib/asserts.bash"

# The machine and the user of the tests.

# there [-i] COMMAND...: on the machine with the nodes; only with -i has it standard input.
if [[ ${THERE:-} ]]; then
	# Each file has programs of its own there, so that no page of them is moved by a file
	# that runs beside it.
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

# cannot_run REASON: a skip, unless the machine was said to have what it takes.
cannot_run() {
	[[ -z ${NUMAPAGES_REQUIRE_NODES:-} ]] || fail "$1"
	skip "$1"
}

# needs_nodes N: the test is about nodes 0 to N-1.
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

# needs_terminal: the test works on a pseudo-terminal.
needs_terminal() {
	there script -qec true /dev/null </dev/null >/dev/null 2>&1 ||
		cannot_run "needs a pseudo-terminal (/dev/pts)"
}

# node_fill N [MIB]: all of it, but for so many MiB that are free, becomes huge pages that
# are for hugetlb only. A file that does so has the tag "alone", and node_empty in its
# teardown.
node_fill() {
	local node=/sys/devices/system/node/node$1 free
	POOL=$node/hugepages/hugepages-2048kB/nr_hugepages
	POOL_BEFORE=$(there cat "$POOL")
	free=$(there cat "$node/meminfo" | awk '/MemFree/ { print int($4 / 1024) }')
	write_there $((POOL_BEFORE + (free - ${2:-0}) / 2)) "$POOL"
}

node_empty() {
	[[ ! ${POOL:-} ]] || write_there "$POOL_BEFORE" "$POOL"
}

# file_there FILE: it gets what standard input has.
file_there() {
	there -i tee "$1" >/dev/null
}

# write_there TEXT FILE: a line, as echo(1) writes it.
write_there() {
	# shellcheck disable=SC2016
	there sh -c 'echo "$0" >"$1"' "$@"
}

# user_prepare: from here on victims and as_user run as an ordinary user, who may not be
# able to reach the build directory.
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

# in_build TARGET...: make it, without what a `make check` that runs this test hands down.
in_build() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$abs_top_builddir" "$@" 3>&-
}

# is_sanitized: whether the commands are built with a sanitizer of memory.
is_sanitized() {
	ldd "$(command -v movepages)" | grep -q 'lib[at]san'
}

# Victims.

declare -gA VICTIM_IN=() VICTIM_OUT=() VICTIM_JOB=() VICTIM_MAPPINGS=()
declare -ga USER_PREFIX=()

# victim_start OPERAND...: start one and wait until its memory is there. Sets VICTIM_PID,
# the victim that all functions below are about; VICTIM_PID=... changes it.
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
	# After one exchange, waiting for the next command brings no page more.
	assert_equal "$(victim_ask unmap nothing)" "unmapped 0"
}

# victim_ask COMMAND...: prints the victim's answer.
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

# victim_kill PID: and wait until it is gone.
victim_kill() {
	there kill -KILL "$1" 2>/dev/null || true
	wait "${VICTIM_JOB[$1]}" 2>/dev/null || true
}

teardown() {
	victim_stop
}

# victim_fork [N [KIND]]: N children (1) of the victim, which have read its mappings of this
# kind. Sets FAMILY: the victim, and they.
victim_fork() {
	local answer
	answer=$(victim_ask fork "$@")
	# shellcheck disable=SC2034
	read -ra FAMILY <<<"${answer/forked/$VICTIM_PID}"
}

# zombie_make: prints the number of a child of the victim that has ended.
zombie_make() {
	local zombie
	zombie=$(victim_ask fork)
	zombie=${zombie#forked }
	there kill -KILL "$zombie"
	until there cat "/proc/$zombie/status" | grep -q '^State:.Z'; do :; done
	echo "$zombie"
}

# mapping KIND [I]: `START END [PINNED...]` of the victim's I-th (0) mapping of this kind.
mapping() {
	awk -v kind="$1" -v skip="${2:-0}" '
		$1 == kind && !skip-- { sub(/^[^ ]* /, ""); print; found = 1; exit }
		END { exit !found }' <<<"${VICTIM_MAPPINGS[$VICTIM_PID]}" ||
		fail "the victim has no mapping $*"
}

# range KIND [I]: the same as an operand, START-END.
range() {
	local start end
	read -r start end _ < <(mapping "$@")
	echo "$start-$end"
}

# page KIND N [I]: the address of 4 KiB page N of that mapping.
page() {
	local start
	read -r start _ < <(mapping "$1" "${3:-0}")
	printf '%x\n' $((16#$start + $2 * 4096))
}

# Other processes.

# gone: the number of a process that has ended.
gone() {
	local pid
	sleep 0 &
	pid=$!
	wait "$pid"
	echo "$pid"
}

# A kernel thread that is visible here; in a container there may be none.
kernel_thread() {
	# Behind the name, the seventh field has the flags, and PF_KTHREAD is 0x200000.
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

# Where memory is, in bytes, by numa_maps: there a hugetlb page counts as one.

# numa_bytes NODE [START]: of the victim on NODE, or only of the mapping at START.
numa_bytes() {
	there cat "/proc/$VICTIM_PID/numa_maps" | awk -v node="N$1=" -v start="${2:-}" '
		start == "" || $1 == start {
			unit = 0
			for (i = 2; i <= NF; i++) {
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

# placement: one line per mapping of the victim: its kind and its bytes on nodes 0 to 3.
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

# nodes_of_pages: the node or status of every page address on standard input, one a line.
nodes_of_pages() {
	there -i whereis "$VICTIM_PID" | cut -d ' ' -f 2
}

# traced CALLS COMMAND...: under strace, which writes $BATS_TEST_TMPDIR/trace. The leak
# checker of a build with sanitizers cannot work under it.
traced() {
	there env ASAN_OPTIONS=detect_leaks=0 strace -f -e trace="$1" -o "$BATS_TEST_TMPDIR/trace" "${@:2}"
}

# Failures, and what is said of them.

# reason PROVOKE STATUS CAUSE ADVICE: PROVOKE brings the cause about and sets command, and
# pid where there is a process; what command then says has the cause and the advice. That
# is one line, except for the summary.
reason() {
	local command=() pid="" said
	"$1"
	run "-$2" --separate-stderr "${command[@]}"
	said=$(grep -vE '^m[a-z]*pages: [^:]*: (interrupted: |timed out: )?(moved|nothing to move) ' <<<"$stderr")
	assert_equal "$said" "${said%%$'\n'*}"
	assert_regex "$said" "^m[a-z]*pages: (process $pid[^:]*: |victim \\($pid\\): )?"
	[[ $said == *"$3"*"$4"* ]] || fail "not '$3' and '$4': $said"
}

# What options do.

# outcome WORD...: all that comes of movepages with these words for the victim.
outcome() {
	local status=0
	movepages "$@" "$VICTIM_PID" 2>&1 3>&- || status=$?
	echo "exit status $status"
}

# changes OPTION WORD...: the option makes a difference to a command line.
changes() {
	[[ $(outcome "$@") != "$(outcome "${@:2}")" ]] || fail "$1 changes nothing with ${*:2}"
}

# effects WORD... : OPTION...: each option makes a difference to these words, and to each other
# option with them, unless the two are refused. (What --timeout cuts short may hide the other;
# --json has bytes anyway.)
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

# Moving in the background, to have time for what happens meanwhile.

# move_begin NODE COMMAND...: wait until the first pages of the victim's first mapping are there.
move_begin() {
	local start
	read -r _ start _ <<<"${VICTIM_MAPPINGS[$VICTIM_PID]}"
	"${@:2}" >"$BATS_TEST_TMPDIR/output" 2>"$BATS_TEST_TMPDIR/errors" 3>&- &
	mover=$!
	until (($(numa_bytes "$1" "$start"))); do
		kill -0 "$mover" || fail "nothing moved: $(<"$BATS_TEST_TMPDIR/errors")"
	done
}

# move_end STATUS: sets output and stderr.
move_end() {
	local status=0
	wait "$mover" || status=$?
	output=$(<"$BATS_TEST_TMPDIR/output") stderr=$(<"$BATS_TEST_TMPDIR/errors")
	assert_equal "$status" "$1"
	assert_account
}

# What has to hold.

assert_intact() {
	local answer
	answer=$(victim_ask check)
	[[ $answer == intact* ]] || fail "victim's memory: $answer"
}

# assert_none_on NODE...: no page of the victim is there.
assert_none_on() {
	local node
	for node; do
		[[ $(numa_bytes "$node") == 0 ]] || fail "still on node $node: $(
			there cat "/proc/$VICTIM_PID/numa_maps" | grep "N$node=")"
	done
}

# assert_all_on NODE KIND...: the touched pages of these mappings are on NODE only.
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

# account FIELD: bytes by the JSON in $output; left_by.busy and the like are fields, too.
account() {
	json ".account.$1.bytes"
}

# json FILTER: applied to the one process of the JSON in $output.
json() {
	jq -cre ".processes[0] | $1" <<<"$output" || fail "not in the JSON: $1"
}

# assert_account [FIELD=BYTES]...: in the JSON in $output every process's account adds
# up, in bytes, base pages and huge pages, and that of the first has these values.
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
