#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2154
#
# Moves of many processes that share memory, of trees and of cgroups: every page moves once.

load ../lib/helper

setup() {
	needs_nodes 4
	needs_root
}

teardown() {
	[[ ! ${sleepers+x} ]] || there kill -KILL "${sleepers[@]}"
	victim_stop
	# shellcheck disable=SC2016
	there bash -c 'for directory in "$0"/many{/a,} /sys/fs/cgroup/many{/a,/b,} \
			/sys/fs/cgroup/many.slice{/numa-unit.service{/a,},/user@7.service{/numa-unit.service,}} \
			/sys/fs/cgroup/many.slice{/many-more.slice{/numa-deep.scope,},}; do
			[[ ! -d $directory ]] || until rmdir "$directory" 2>/dev/null; do :; done
		done
		! mountpoint -q "$0" || umount "$0"' "$BATS_TEST_TMPDIR/v1"
}

# sum FILTER: add it up over the processes of the JSON in $output.
sum() {
	jq "[.processes[] | $1] | add" <<<"$output"
}

# After a fork, a child shares nearly all of its memory, so little of its own must move.
@test "fifty processes move, and shared memory is visited in one of them" {
	local shm=$((8 << 20))
	victim_start node=0 shm=8M
	victim_fork 49 shm
	run -0 --separate-stderr migratepages --json - 0 2 <<<"${FAMILY[*]}"
	assert_account left=0
	assert_equal "$(jq '.processes | length' <<<"$output")" 50
	assert_equal "$(jq -c '[.processes[].counted_before] | [.[0], (.[1:] | unique)]' <<<"$output")" \
		"[0,[$shm]]"
	assert_equal "$(sum .account.moved.bytes)" "$(jq .total.account.moved.bytes <<<"$output")"
	assert [ "$(json .account.moved.bytes)" -ge $shm ]
	assert_none_on 0
	VICTIM_PID=${FAMILY[49]} assert_none_on 0
	assert_intact
}

@test "shared pages that are only in the page table of the last process move" {
	victim_start node=0 shm=4M scattered=2M
	victim_fork 1 scattered
	run -0 --separate-stderr migratepages --json - 0 2 <<<"${FAMILY[*]}"
	assert_account left=0
	assert [ "$(jq '.processes[1].account.moved.bytes' <<<"$output")" -ge $((1 << 20)) ]
	VICTIM_PID=${FAMILY[1]} assert_none_on 0
	assert_none_on 0
	assert_intact
}

@test "shared hugetlb pages are moved and counted once" {
	victim_start node=0 hugeshm=4
	victim_fork 2 hugeshm
	run -0 --separate-stderr migratepages --json - 0 2 <<<"${FAMILY[*]}"
	assert_account left=0
	assert_equal "$(jq -c '[.processes[].account.scope.huge_pages]' <<<"$output")" "[4,0,0]"
	assert_equal "$(jq -c '[.processes[].counted_before]' <<<"$output")" \
		"[0,$((8 << 20)),$((8 << 20))]"
	assert_intact
}

# sleeper_start: start a process that sleeps until the end of the test. Sets sleeper.
sleeper_start() {
	# shellcheck disable=SC2016
	read -r sleeper < <(there bash -c 'echo $$; exec sleep 1000' 3>&-)
	sleepers+=("$sleeper")
	until there cat "/proc/$sleeper/wchan" | grep -q nanosleep; do :; done
}

# libc_bytes PID...: print the bytes of the C library in these processes.
libc_bytes() {
	movepages --json --path='*/libc.so.6' - <<<"$*" | jq '.total | add'
}

@test "the pages of a library are counted once, and each private copy" {
	local one other both alone
	sleeper_start
	one=$sleeper
	sleeper_start
	other=$sleeper
	both=$(libc_bytes "$one" "$other") alone=$(libc_bytes "$one")
	# The pages of the file in the page tables vary a little.
	assert [ "$both" -gt "$alone" ]
	assert [ $((both * 2)) -lt $((alone * 3)) ]
}

@test "a process that is not named may exit during the move" {
	local mover start
	victim_start node=0 anon=16M
	read -r start _ < <(mapping anon)
	migratepages --json --rate=4M - 0 2 <<<"$VICTIM_PID" >"$BATS_TEST_TMPDIR/out" \
		2>"$BATS_TEST_TMPDIR/errors" 3>&- &
	mover=$!
	until (($(numa_bytes 2 "$start") > 0)); do :; done
	there kill -KILL "$VICTIM_PID"
	wait "$mover"
	assert_file_contains "$BATS_TEST_TMPDIR/errors" "process $VICTIM_PID: exited before the command finished"
	assert_equal "$(jq -c '[.errors, [.vanished[].pid]]' "$BATS_TEST_TMPDIR/out")" \
		"[[],[$VICTIM_PID]]"
}

@test "a tree moves, and no other process" {
	local other
	victim_start node=0 anon=256K
	other=$VICTIM_PID
	victim_start node=0 anon=256K
	victim_fork 3
	run -0 --separate-stderr migratepages --json --tree "$VICTIM_PID" 0 2
	assert_equal "$(jq '.processes | length' <<<"$output")" 4
	VICTIM_PID=${FAMILY[3]} assert_none_on 0
	assert_none_on 0
	VICTIM_PID=$other assert_all_on 0 anon
}

# Two victims in cgroups below /many, and one outside.
cgroups_fill() {
	local root=$1
	there mkdir -p "$root/many" "$root/many/a"
	victim_start node=0 anon=256K
	OUTSIDE=$VICTIM_PID
	victim_start node=0 anon=256K
	INSIDE=("$VICTIM_PID")
	write_there "$VICTIM_PID" "$root/many/a/cgroup.procs"
	victim_start node=0 anon=256K
	INSIDE+=("$VICTIM_PID")
	write_there "$VICTIM_PID" "$root/many/cgroup.procs"
}

# moves_inside FROM TO CGROUP
moves_inside() {
	local pid
	run -0 --separate-stderr migratepages --cgroup="$3" "$1" "$2"
	for pid in "${INSIDE[@]}"; do
		VICTIM_PID=$pid assert_all_on "$2" anon
	done
	VICTIM_PID=$OUTSIDE assert_all_on 0 anon
}

@test "a cgroup moves with its descendants, by its directory and by its name" {
	cgroups_fill /sys/fs/cgroup
	moves_inside 0 2 /sys/fs/cgroup/many
	moves_inside 2 3 /many
	run -0 --separate-stderr migratepages --cgroup=/many/a 3 1
	VICTIM_PID=${INSIDE[0]} assert_all_on 1 anon
	VICTIM_PID=${INSIDE[1]} assert_all_on 3 anon
}

@test "the threads of a threaded cgroup select their processes" {
	there mkdir -p /sys/fs/cgroup/many/b
	write_there threaded /sys/fs/cgroup/many/b/cgroup.type
	victim_start node=0 busy=256K
	write_there "$VICTIM_PID" /sys/fs/cgroup/many/cgroup.procs
	write_there "$VICTIM_PID" /sys/fs/cgroup/many/b/cgroup.threads
	run ! there cat /sys/fs/cgroup/many/b/cgroup.procs
	run -0 --separate-stderr movepages --json --cgroup=/many/b
	assert_equal "$(jq -c '[.processes[].pid]' <<<"$output")" "[$VICTIM_PID]"
	run -0 --separate-stderr movepages --json --cgroup=/many
	assert_equal "$(jq -c '[.processes[].pid]' <<<"$output")" "[$VICTIM_PID]"
}

@test "a cgroup v1 moves" {
	there mkdir "$BATS_TEST_TMPDIR/v1"
	there mount -t cgroup -o none,name=numapages none "$BATS_TEST_TMPDIR/v1"
	cgroups_fill "$BATS_TEST_TMPDIR/v1"
	moves_inside 0 2 "$BATS_TEST_TMPDIR/v1/many"
	moves_inside 2 3 /many
}

# cgroup_there PATH PID: move it into a cgroup of that name.
cgroup_there() {
	there mkdir -p "/sys/fs/cgroup/$1"
	write_there "$2" "/sys/fs/cgroup/$1/cgroup.procs"
}

@test "a unit is found in its slice, even if other cgroups have that name" {
	victim_start node=0 anon=256K
	local unit=$VICTIM_PID deep user other
	cgroup_there many.slice/numa-unit.service/a "$unit"
	victim_start node=0 anon=256K
	deep=$VICTIM_PID
	cgroup_there many.slice/many-more.slice/numa-deep.scope "$deep"
	victim_start node=0 anon=256K
	user=$VICTIM_PID
	cgroup_there many.slice/user@7.service/numa-unit.service "$user"
	run -0 --separate-stderr movepages --json --unit=numa-unit
	assert_equal "$(jq -c '[.processes[].pid]' <<<"$output")" "[$unit]"
	run -0 --separate-stderr movepages --json --unit=numa-deep.scope
	assert_equal "$(jq -c '[.processes[].pid]' <<<"$output")" "[$deep]"
	run -0 --separate-stderr movepages --json --unit=many-more.slice
	assert_equal "$(jq -c '[.processes[].pid]' <<<"$output")" "[$deep]"
	run -0 --separate-stderr migratepages --unit=numa-unit.service 0 2
	VICTIM_PID=$unit assert_all_on 2 anon
	VICTIM_PID=$user assert_all_on 0 anon
	run -1 --separate-stderr movepages --cgroup=numa-unit.service
	assert_equal "$stderr" "movepages: cgroup 'numa-unit.service' is ambiguous; possibilities: \
'/many.slice/numa-unit.service' '/many.slice/user@7.service/numa-unit.service'"
	run -0 --separate-stderr movepages --json --cgroup=user@7.service/numa-unit.service/
	assert_equal "$(jq -c '[.processes[].pid]' <<<"$output")" "[$user]"
	victim_stop
	run -1 --separate-stderr movepages --unit=numa-deep.scope
	assert_equal "$stderr" "movepages: unit 'numa-deep.scope' has no processes"
	run -1 --separate-stderr movepages --unit=numa-deep
	assert_equal "$stderr" \
		"movepages: no active unit: 'numa-deep.service'; similar names: 'numa-deep.scope'"
	run -1 --separate-stderr movepages --cgroup=/
	assert_equal "$stderr" \
		"movepages: '/' is the root cgroup, which holds every process; --force selects it"
}

@test "processes with a name move, and no other process" {
	sleeper_start
	victim_start node=0 anon=256K name=m$$-named
	run -0 --separate-stderr migratepages --json --name="m$$-n.med" 0 2
	assert_equal "$(jq -c '[.processes[].pid]' <<<"$output")" "[$VICTIM_PID]"
	assert_none_on 0
}
