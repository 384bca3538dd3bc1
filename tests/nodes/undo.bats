#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2154
#
# Moves with --save on four nodes, of one or more processes: --restore moves every page back.

load ../lib/helper

setup() {
	needs_nodes 4
	needs_root
	SAVED=$BATS_TEST_TMPDIR/saved
	there mkdir -p "$BATS_TEST_TMPDIR"
}

# start_all: start a victim with memory on every node and two children in FAMILY, and one more process
# in ALL.
start_all() {
	victim_start node=0 anon=1M thp=4M node=1 shm=1M hugetlb=2 node=2 anon=512K node=3 file=1M
	victim_fork 2 anon
	MAPPED=${VICTIM_MAPPINGS[$VICTIM_PID]}
	victim_start thread=0 thread=1 node=0 anon=1M node=1 anon=512K
	ALL=("${FAMILY[@]}" "$VICTIM_PID")
}

# where_all: print every page of ALL and its node, by a direct query.
where_all() {
	local pid kind start end
	for pid in "${ALL[@]}"; do
		while read -r kind start end _; do
			[[ ! $kind ]] || whereis "$pid" "$start" "$end" | sed "s/^/$pid /"
		done <<<"$([[ $pid == "$VICTIM_PID" ]] && echo "${VICTIM_MAPPINGS[$pid]}" || echo "$MAPPED")"
	done
}

# differences: print how many pages of ALL are on other nodes than when BEFORE was written.
differences() {
	where_all | diff - <(grep -E "^($(IFS=\| && echo "${ALL[*]}")) " <<<"$BEFORE") | grep -c '^[<>]'
}

# undone COMMAND...: check that --restore undoes a move with --save completely.
undone() {
	BEFORE=$(where_all)
	"$1" --save="$SAVED" "${@:2}"
	assert [ "$(differences)" -gt 200 ]
	run -0 --separate-stderr movepages --json --restore="$SAVED"
	assert_account left=0 gone=0
	assert_equal "$(differences)" 0
	assert_intact
}

@test "moves of a tree and of a list of processes are undone" {
	start_all
	undone migratepages --tree "$VICTIM_PID,${FAMILY[0]}" 0 1
	undone movepages --to=2 "$(IFS=, && echo "${ALL[*]}")"
}

@test "a dry run of --restore predicts what moves in each process" {
	local predicted account='[.processes[].account | [(.would_move.bytes + .moved.bytes), .already_there.bytes]]'
	victim_start node=0 anon=512K shm=1M file=512K
	victim_fork 2 shm
	migratepages --save="$SAVED" --tree "$VICTIM_PID" 0 1
	run -0 --separate-stderr movepages -n --json --restore="$SAVED"
	predicted=$(jq -c "$account" <<<"$output")
	run -0 --separate-stderr movepages --json --restore="$SAVED"
	assert_equal "$(jq -c "$account" <<<"$output")" "$predicted"
}

@test "moves between overlapping nodes, swaps and interleaved memory are undone" {
	start_all
	undone migratepages --tree "$VICTIM_PID,${FAMILY[0]}" 0,1,2 1,2,3
	undone migratepages --tree --route=0:1,1:0 "$VICTIM_PID,${FAMILY[0]}"
	undone movepages --tree --interleave=all "$VICTIM_PID,${FAMILY[0]}"
}

@test "moves of selected pages and of lists are undone" {
	victim_start node=0 anon=1M thp=4M shm=2M
	ALL=("$VICTIM_PID")
	undone movepages --kind=shm --to=3 "$VICTIM_PID"
	undone movepages "$VICTIM_PID" "$(range anon)=1" "$(page thp 0)=2" "$(page thp 600)+16K=3"
	BEFORE=$(where_all)
	movepages --save="$SAVED" --to=3 --pages-from=- "$VICTIM_PID" <<<"$(range shm)"
	assert_equal "$(differences)" 1024
	movepages --restore="$SAVED"
	assert_equal "$(differences)" 0
}

@test "a list of regions with holes moves the mapped pages, and is undone" {
	local start end kind cut size page=0
	victim_start node=0 anon=8M thp=16M
	ALL=("$VICTIM_PID")
	BEFORE=$(where_all)
	# Consecutive regions that end in the middle of pages and of huge pages, with holes.
	for kind in anon thp; do
		read -r start end _ < <(mapping "$kind")
		cut=$((16#$start))
		while ((cut < 16#$end)); do
			size=$((40000 + page++ * 977 % 700000))
			((cut + size < 16#$end)) || size=$((16#$end - cut))
			printf '%x-%x\n' $cut $((cut + size))
			cut=$((cut + size))
		done
	done >"$BATS_TEST_TMPDIR/regions"
	{
		echo 10000-2000000
		cat "$BATS_TEST_TMPDIR/regions"
		echo 7ff000-7ff123
	} | file_there "$BATS_TEST_TMPDIR/list"
	assert [ "$(wc -l <"$BATS_TEST_TMPDIR/regions")" -gt 50 ]
	run -1 --separate-stderr movepages --to=2 --pages-from="$BATS_TEST_TMPDIR/list" "$VICTIM_PID"
	assert_regex "$stderr" "list:1: no mapping in the range"
	assert_equal "$(differences)" 0
	run -0 --separate-stderr movepages --json --save="$SAVED" --to=2 --unmapped=skip \
		--pages-from="$BATS_TEST_TMPDIR/list" "$VICTIM_PID"
	assert_account scope=$((24 * 1048576)) moved=$((24 * 1048576)) left=0
	assert_equal "$(json '[.account.moved.huge_pages, .unmapped.skipped, .unmapped.cut, .unmapped.bytes]')" \
		"[8,2,0,$((0x1ff0000 + 0x123))]"
	assert_all_on 2 anon thp
	run -0 movepages --json --restore="$SAVED"
	assert_account moved=$((24 * 1048576)) left=0
	assert_equal "$(differences)" 0
	assert_intact
}

@test "a move is undone even if one of its processes has exited" {
	local ended
	start_all
	BEFORE=$(where_all)
	migratepages --save="$SAVED" --tree "$VICTIM_PID,${FAMILY[0]}" 0 1
	ended=${FAMILY[1]}
	there kill -KILL "$ended"
	ALL=("${FAMILY[0]}" "${FAMILY[2]}" "$VICTIM_PID")
	assert [ "$(differences)" -gt 1000 ]
	run -0 --separate-stderr movepages --json --restore="$SAVED"
	assert_regex "$stderr" "^movepages: process $ended: [^:]*(: [^:]*)?$"
	assert_equal "$(jq -c '[[.vanished[].pid], .errors]' <<<"$output")" "[[$ended],[]]"
	assert_account left=0
	assert_equal "$(differences)" 0
	assert_intact
}

@test "shared memory is counted once when it is moved back" {
	victim_start node=0 shm=32M
	victim_fork 2 shm
	migratepages --save="$SAVED" --tree "$VICTIM_PID" 0 1
	run -0 --separate-stderr movepages --json --restore="$SAVED"
	assert_equal "$(jq '.total.account | .moved.bytes >= 33554432' <<<"$output")" true
	assert_equal "$(jq '.total.account | .already_there.bytes < 33554432' <<<"$output")" true
}

@test "a terminal gets the command that undoes a move, unless it is quiet" {
	victim_start node=0 anon=1M
	run -0 there script -qec "cd /tmp; movepages --save='it'\\''s' --to=1 $VICTIM_PID" /dev/null
	assert_equal "${lines[-1]%$'\r'}" "to undo: movepages --restore='it'\\''s'"
	run -0 there script -qec "movepages --save=/tmp/its -q --to=2 $VICTIM_PID" /dev/null
	assert_output ""
	there rm "/tmp/it's" /tmp/its
}

@test "a move that timed out is undone" {
	victim_start node=0 anon=32M
	ALL=("$VICTIM_PID")
	BEFORE=$(where_all)
	run -64 --separate-stderr movepages --rate=2M --timeout=4 --save="$SAVED" --to=1 "$VICTIM_PID"
	assert_regex "$stderr" "timed out: moved"
	assert [ "$(differences)" -gt 100 ]
	movepages --restore="$SAVED"
	assert_equal "$(differences)" 0
}

@test "on a full disk no process moves" {
	local dir=$BATS_TEST_TMPDIR/small
	start_all
	BEFORE=$(where_all)
	victim_start node=0 hole=16M
	there mkdir "$dir"
	there mount -t tmpfs -o size=16k none "$dir"
	run -1 --separate-stderr movepages --save="$dir/saved" --to=1 \
		"$(IFS=, && echo "${ALL[*]}"),$VICTIM_PID"
	assert_equal "$stderr" \
		"movepages: $dir/saved: No space left on device; not saved, nothing is moved"
	assert_equal "$(there ls -A "$dir")" ""
	there umount "$dir"
	VICTIM_PID=${ALL[-1]}
	assert_equal "$(differences)" 0
}
