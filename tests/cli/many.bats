#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2154
#
# Many processes in one call: from standard input, with descendants, of a cgroup; and the
# memory they share.

load ../lib/helper

setup() {
	victim_start anon=64K
	PID=$VICTIM_PID
}

# pids TEXT OPTION...: the PIDs that are displayed, with TEXT on standard input.
pids() {
	run -0 --separate-stderr movepages --json "${@:2}" < <(printf '%b' "$1")
	jq -r '.processes | map(.pid) | sort[]' <<<"$output"
}

# in_lines NUMBER...: sorted, one per line.
in_lines() {
	printf '%s\n' "$@" | sort -n
}

# fails TEXT COMMAND...: it fails with one message, which has TEXT.
fails() {
	run -1 --separate-stderr "${@:2}"
	assert_output ""
	assert_equal "${#stderr_lines[@]}: $stderr" "1: $stderr"
	[[ $stderr == "$2: $1"* ]] || fail "no '$1': $stderr"
}

# on_nodes FILTER: the sum over all nodes of the values that FILTER selects in the JSON in $output.
on_nodes() {
	jq -ce "$1 | add" <<<"$output"
}

# Selecting processes.

@test "PIDs on standard input may be separated by spaces, newlines and commas" {
	local other expected
	victim_start anon=64K
	other=$VICTIM_PID expected=$(in_lines "$PID" "$VICTIM_PID")
	assert_equal "$(pids "$PID\\n$other\\n" -)" "$expected"
	assert_equal "$(pids "$PID $other" -)" "$expected"
	assert_equal "$(pids "$PID,$other,$PID\\n" -)" "$expected"
	assert_equal "$(pids "\\r\\n\\t$PID  ,\\n $other" -)" "$expected"
}

@test "standard input without PIDs, or with anything else, is refused" {
	fails "no PIDs on standard input" movepages - </dev/null
	fails "no PIDs on standard input" migratepages - 0 0 < <(printf ' \n')
	fails "standard input:2: invalid PID" movepages - < <(printf '%s\n' "$PID" "$PID x7 0")
	fails "standard input:1: invalid PID" movepages - < <(echo 0)
	fails "standard input:1: PID out of range" movepages - < <(echo 99999999)
	fails "standard input:1: invalid PID" movepages - < <(printf '\033[31m')
}

@test "an invalid option is detected before standard input is read" {
	mkfifo "$BATS_TEST_TMPDIR/silence"
	fails "--to: '1000' is not a node of this machine" movepages --to=1000 - <>"$BATS_TEST_TMPDIR/silence"
}

@test "--tree includes the descendants" {
	local leaf root
	mkfifo "$BATS_TEST_TMPDIR/leaf"
	bash -c 'bash -c "echo \$\$ >$0; exec sleep 1000"; :' "$BATS_TEST_TMPDIR/leaf" 3>&- &
	root=$!
	read -r leaf <"$BATS_TEST_TMPDIR/leaf"
	victim_fork 3
	run -0 pids "" --tree "$PID,$root"
	assert_output "$(in_lines "${FAMILY[@]}" "$root" "$leaf")"
	kill -KILL "$leaf" "$root"
}

@test "--tree does not include the command itself" {
	run -0 --separate-stderr movepages --json --tree $$
	jq -e --argjson pid "$PID" 'any(.processes[]; .pid == $pid)' <<<"$output"
	jq -e 'all(.processes[]; .name != "movepages")' <<<"$output"
}

# name_make NAME: start a process with this name; set NAMED to its PID.
name_make() {
	ln -sf "$(type -P sleep)" "$BATS_TEST_TMPDIR/$1"
	"$BATS_TEST_TMPDIR/$1" 1000 3>&- &
	NAMED=$!
	until [[ $(<"/proc/$NAMED/comm") == "${1:0:15}" ]]; do :; done
}

# The names contain the number of this test, because other tests may run at the same time.
@test "--name selects processes whose full name matches the pattern" {
	local all=() name
	for name in n$$-one n$$-two n$$-three-and-more; do
		name_make "$name"
		all+=("$NAMED")
	done
	assert_equal "$(pids "" --name=n$$-one)" "${all[0]}"
	assert_equal "$(pids "" --name="n$$-(one|two)")" "$(in_lines "${all[@]:0:2}")"
	assert_equal "$(pids "" --name="n$$-.*")" "$(in_lines "${all[@]}")"
	assert_equal "$(pids "" --name="n$$-o|n$$-one|n$$")" "${all[0]}"
	name=n$$-three-and-more
	assert_equal "$(pids "" --name="${name:0:15}")" "${all[2]}"
	run -0 migratepages --name="n$$-.wo" 0 0
	run -0 movepages --tree --json --name=n$$-one
	fails "no process is named 'n$$-'" movepages --name=n$$-
	fails "no process is named 'n$$'" migratepages --name=n$$ 0 0
	fails "no process is named '$name' (the kernel keeps 15 characters of a name)" \
		movepages --name="$name"
	kill -KILL "${all[@]}"
}

@test "--name selects neither the command itself nor kernel threads" {
	local thread name
	ln -s "$(type -P movepages)" "$BATS_TEST_TMPDIR/n$$-self"
	run -1 "$BATS_TEST_TMPDIR/n$$-self" --name=n$$-self
	assert_output "movepages: no process is named 'n$$-self'"
	thread=$(kernel_thread) || cannot_run "no kernel thread is visible here"
	# That of a kworker changes with its work.
	name=$(<"/proc/$thread/comm")
	fails "no process is named '$name'" movepages --name="$name"
}

@test "an invalid pattern is detected before anything is done" {
	run -1 --separate-stderr movepages --name='a(b'
	assert_equal "${stderr_lines[0]}" \
		"movepages: --name: invalid pattern: 'a(b' (Unmatched ( or \\()"
}

@test "--pid is equivalent to the operand, and may be repeated" {
	local other
	victim_start anon=64K
	other=$VICTIM_PID
	assert_equal "$(pids "" -p "$PID")" "$PID"
	assert_equal "$(pids "" --pid="$PID,$other")" "$(in_lines "$PID" "$other")"
	assert_equal "$(pids "" -p "$PID" --pid="$other")" "$(in_lines "$PID" "$other")"
	assert_equal "$(pids "$PID $other" -p -)" "$(in_lines "$PID" "$other")"
	assert_equal "$(pids "$PID" -p - -p "$other")" "$(in_lines "$PID" "$other")"
	run -0 migratepages -p "$PID" 0 0
	run -0 --separate-stderr movepages --pages --noheadings -p "$PID" "$(page anon 1)"
	assert_equal "${#lines[@]}" 1
}

@test "the root cgroup is refused, except with --force" {
	local root
	root=$(awk '/ - cgroup2? / { print $5; exit }' /proc/self/mountinfo)
	[[ $root ]] || cannot_run "no cgroups are mounted here"
	fails "'/' is the root cgroup, which holds every process" movepages --cgroup=/
	fails "'$root' is the root cgroup" migratepages --cgroup="$root" 0 0
	fails "'$root' is the root cgroup" migratepages --cgroup="$root/" 0 0
	run --separate-stderr movepages --force --cgroup=/ --json
	assert_regex "$status" "^(0|64)$"
	jq -e --argjson pid $$ 'any(.processes[]; .pid == $pid)' <<<"$output"
}

# cgroup_make DIR PID...: a directory that looks like a cgroup.
cgroup_make() {
	mkdir -p "$1"
	printf '%s\n' "${@:2}" >"$1/cgroup.procs"
}

@test "--cgroup selects the processes of a cgroup and its descendants" {
	local top=$BATS_TEST_TMPDIR/top
	victim_fork 3
	cgroup_make "$top" "${FAMILY[0]}" 0
	cgroup_make "$top/a" "${FAMILY[1]}" "${FAMILY[0]}"
	cgroup_make "$top/a/b" "${FAMILY[2]}"
	assert_equal "$(pids "" --cgroup="$top")" "$(in_lines "${FAMILY[@]:0:3}")"
	assert_equal "$(pids "" --cgroup="$top/a/")" "$(in_lines "${FAMILY[@]:0:3}")"
	assert_equal "$(pids "" --cgroup="$top/a/b")" "${FAMILY[2]}"
	run -0 migratepages --cgroup="$top" 0 0
	run -3 --separate-stderr migratepages --cgroup="$top" --at-most=0:0%
}

# cgroup.procs has 0 for processes outside the PID namespace.
@test "processes of a cgroup outside the PID namespace are counted" {
	local top=$BATS_TEST_TMPDIR/top
	cgroup_make "$top" "$PID" 0 0
	cgroup_make "$top/a" 0
	run -0 --separate-stderr movepages --cgroup="$top"
	assert_regex "$stderr" "^movepages: 3 processes of the cgroup skipped: not visible in this PID namespace"
	run -0 --separate-stderr movepages -q --cgroup="$top"
	assert_equal "$stderr" ""
	cgroup_make "$top" 0 0
	fails "no process of cgroup '$top' is visible here (3 are outside of this PID namespace)" \
		movepages --cgroup="$top"
}

@test "a directory that is not a cgroup, and an empty cgroup, are refused" {
	cgroup_make "$BATS_TEST_TMPDIR/empty"
	fails "cgroup '$BATS_TEST_TMPDIR/empty' has no processes" \
		movepages --cgroup="$BATS_TEST_TMPDIR/empty"
	fails "no such cgroup: '/no/such'" migratepages --cgroup=/no/such 0 0
	fails "no such cgroup: 'no/such'" migratepages --cgroup=no/such 0 0
	fails "no active unit: 'no-such.service'" movepages --unit=no-such
	fails "no active unit: 'no-such.scope'" movepages --unit=no-such.scope
	fails "no such cgroup: '$BATS_TEST_TMPDIR'" \
		movepages --cgroup="$BATS_TEST_TMPDIR"
}

# Processes that exit.

@test "a process not given by PID may have exited: it is reported, and is not a failure" {
	local pid zombie
	pid=$(gone) zombie=$(zombie_make)
	run -0 --separate-stderr movepages --json - <<<"$pid $PID $zombie"
	assert_equal "${#stderr_lines[@]}" 2
	[[ $stderr == *"process $pid: no such process"* ]] || fail "not told: $stderr"
	[[ $stderr == *"process $zombie: zombie"* ]] || fail "not told: $stderr"
	assert_equal "$(jq -c '[.errors, [.vanished[].pid], [.processes[].pid]]' <<<"$output")" \
		"[[],[$pid,$zombie],[$PID]]"
	run -0 --separate-stderr migratepages -q - 0 0 <<<"$pid"
	assert_equal "$output$stderr" ""
}

@test "a process given by PID must exist, also with --tree" {
	local pid
	pid=$(gone)
	run -64 --separate-stderr movepages --tree --json "$pid,$PID"
	assert_equal "$(jq -c '[.errors[].pid, .vanished]' <<<"$output")" "[$pid,[]]"
	run -1 --separate-stderr movepages --tree "$pid"
	assert_equal "$stderr" "movepages: process $pid: no such process"
}

@test "kernel threads not given by PID are skipped silently" {
	local thread
	thread=$(kernel_thread) || cannot_run "no kernel thread is visible here"
	run -0 --separate-stderr movepages --json - <<<"$thread $PID"
	assert_equal "$stderr" ""
	assert_equal "$(jq -c '[.errors, .vanished, [.processes[].pid]]' <<<"$output")" \
		"[[],[],[$PID]]"
}

@test "one message reports that nothing is selected in a set of processes" {
	victim_fork 2
	run -0 --separate-stderr movepages --kind=hugetlb - <<<"${FAMILY[*]}"
	assert_equal "$stderr" \
		"movepages: no mapping matches --kind in 3 processes"
	run -0 --separate-stderr movepages --kind=hugetlb --tree "$VICTIM_PID"
	assert_equal "${#stderr_lines[@]}" 1
}

# Shared memory.

@test "shared memory is counted in one process, and once in the total" {
	victim_start shm=4M
	victim_fork 3 shm
	run -0 --separate-stderr movepages --json --kind=shm --at-least=all:100% - <<<"${FAMILY[*]}"
	assert_equal "$(on_nodes .total)" $((4 << 20))
	assert_equal "$(on_nodes '[.processes[].total[]]')" $((4 << 20))
	assert_equal "$(jq -c '[.processes[].counted_before]' <<<"$output")" \
		"[0,$((4 << 20)),$((4 << 20)),$((4 << 20))]"
	assert_equal "$(jq '.checks[0].total' <<<"$output")" $((4 << 20))
	assert_equal "$stderr" ""
}

@test "System V shared memory is counted once" {
	victim_start sysv=4M
	victim_fork 1 sysv
	run -0 --separate-stderr movepages --json --kind=shm - <<<"${FAMILY[*]}"
	assert_equal "$(jq -c '[.processes[].counted_before]' <<<"$output")" "[0,$((4 << 20))]"
	assert_equal "$(on_nodes .total)" $((4 << 20))
}

# Both processes map the first segment of their namespace.
@test "System V shared memory of two IPC namespaces is counted twice" {
	local USER_PREFIX=(unshare --ipc) first
	needs_root
	victim_start sysv=4M
	first=$VICTIM_PID
	victim_start sysv=4M
	run -0 --separate-stderr movepages --json --kind=shm - <<<"$first $VICTIM_PID"
	assert_equal "$(jq -c '[.processes[].counted_before]' <<<"$output")" "[0,0]"
	assert_equal "$(on_nodes .total)" $((8 << 20))
}

# The first process has more resident memory, but maps only every second shared page.
@test "shared pages that the first process has not touched are not lost" {
	victim_start shm=8M scattered=4M
	victim_fork 2 scattered
	run -0 --separate-stderr movepages --json --kind=shm - <<<"${FAMILY[*]}"
	assert_equal "$(on_nodes '[.processes[].total[]]')" $((12 << 20))
	assert_equal "$(jq -c '[.processes[].total | add]' <<<"$output")" "[$((10 << 20)),$((2 << 20)),0]"
	assert_equal "$(jq -c '[.processes[].counted_before]' <<<"$output")" \
		"[0,$((10 << 20)),$((12 << 20))]"
}

@test "the process with the most shared memory is processed first" {
	victim_start shm=4M
	assert_equal "$(movepages --json - <<<"$PID $VICTIM_PID" | jq -c '[.processes[].pid]')" \
		"[$VICTIM_PID,$PID]"
}

@test "every page of every process is listed, also with addresses" {
	victim_start shm=64K
	victim_fork 1 shm
	run -0 movepages --pages --noheadings --kind=shm - <<<"${FAMILY[*]}"
	assert_equal "$(grep -c ' 4K ' <<<"$output")" 32
	run -0 movepages --json - "$(range shm)" <<<"${FAMILY[*]}"
	assert_equal "$(on_nodes .total)" $((128 << 10))
}

@test "with several processes, each line of a listing of pages has the PID" {
	local first=$PID pids
	victim_start anon=64K
	pids=$(in_lines "$first" "$VICTIM_PID")
	run -0 --separate-stderr movepages --pages - <<<"$first $VICTIM_PID"
	assert_line --index 0 --regexp '^ *PID ADDRESS '
	assert_equal "$(awk 'NR > 1 { print $1 }' <<<"$output" | sort -nu)" "$pids"
	assert_equal "$(awk '{ print NF }' <<<"$output" | sort -u)" 6
	run -0 --separate-stderr movepages --pages --raw --noheadings - <<<"$first $VICTIM_PID"
	assert_equal "$(cut -d ' ' -f 1 <<<"$output" | sort -nu)" "$pids"
	run -0 --separate-stderr movepages --pages --noheadings --tree "$first"
	assert_equal "$(awk '{ print $1 }' <<<"$output" | sort -nu)" "$first"
	cgroup_make "$BATS_TEST_TMPDIR/top" "$first"
	run -0 --separate-stderr movepages --pages --noheadings --cgroup="$BATS_TEST_TMPDIR/top"
	assert_equal "$(awk '{ print $1 }' <<<"$output" | sort -nu)" "$first"
	run -0 --separate-stderr movepages --pages --noheadings "$first"
	refute_line --regexp "^ *$first "
}

@test "tables of processes from standard input have a heading for each process" {
	local first=$PID
	victim_start anon=64K
	run -0 --separate-stderr movepages --mappings - <<<"$first $VICTIM_PID"
	assert_line --partial "victim ($first): "
	assert_line --partial "victim ($VICTIM_PID): "
	run -0 --separate-stderr movepages --mappings --raw --output=PID,KIND - <<<"$first $VICTIM_PID"
	assert_equal "$(awk 'NR > 1 { print $1 }' <<<"$output" | sort -nu)" \
		"$(in_lines "$first" "$VICTIM_PID")"
}

@test "memory counted in an earlier table is reported, and the total comes last" {
	victim_start shm=4M
	victim_fork 1 shm
	run -0 --separate-stderr movepages --mappings --kind=shm - <<<"${FAMILY[*]}"
	assert_line --regexp "^victim \(${FAMILY[1]}\): 0B in memory"
	assert_output --partial "and 4M of shared memory that is counted above"
	assert_line "total of 2 processes"
	assert_regex "${lines[-1]}" '^total .* 4M '
	run -0 --separate-stderr migratepages -v - 0 0 <<<"${FAMILY[*]}"
	assert_regex "${lines[-1]}" '^ +- +[0-9.]+M +- total$'
	run -0 --separate-stderr movepages --mappings --kind=shm "$VICTIM_PID"
	refute_line --partial "total of"
}

@test "on a terminal, a move of several processes ends with one line" {
	victim_start shm=4M
	victim_fork 1 shm
	needs_terminal
	run -0 script -qec "migratepages ${FAMILY[0]},${FAMILY[1]} 0 0" /dev/null
	assert_output --regexp "^migratepages: 2 processes: nothing to move \([0-9.]+M was already there\).?$"
}

@test "a dry run of several processes prints one table" {
	victim_start anon=64K
	victim_fork 1
	run -0 --separate-stderr migratepages -n - 0 0 <<<"${FAMILY[*]}"
	assert_line --index 0 --regexp "^2 processes: nothing to move \("
	assert_equal "$(grep -c RESULT <<<"$output")" 1
	assert_equal "$stderr" ""
}

@test "10,000 PIDs need few open files" {
	victim_fork 60
	for _ in {1..164}; do
		echo "${FAMILY[*]}"
	done >"$BATS_TEST_TMPDIR/pids"
	assert_equal "$(wc -w <"$BATS_TEST_TMPDIR/pids")" 10004
	run -0 --separate-stderr prlimit --nofile=32 movepages --json - <"$BATS_TEST_TMPDIR/pids"
	assert_equal "$stderr" ""
	assert_equal "$(jq '.processes | length' <<<"$output")" 61
}
