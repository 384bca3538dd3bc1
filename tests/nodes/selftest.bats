#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# The self test on four nodes: the speed of every pair, and the detection of errors
# (tests/lib/mishap.c).
#
# Fills a node, and disables huge pages.
# bats file_tags=alone

load ../lib/helper

THP=/sys/kernel/mm/transparent_hugepage/enabled

setup() {
	needs_nodes 4
	needs_root
	huge_pages=$(there cat $THP | sed 's/.*\[\(.*\)\].*/\1/')
}

teardown() {
	node_empty
	write_there "$huge_pages" $THP
	user_cleanup
	[[ ! ${GROUP:-} ]] || there rmdir "$GROUP"
}

# on_nodes LIST COMMAND...: run it in a cpuset of these nodes.
on_nodes() {
	GROUP=/sys/fs/cgroup/selftest
	# shellcheck disable=SC2016
	there bash -c 'echo +cpuset >/sys/fs/cgroup/cgroup.subtree_control && mkdir -p "$0" &&
		echo "$1" >"$0/cpuset.mems" && echo $$ >"$0/cgroup.procs" && exec "${@:2}"' \
		$GROUP "$@"
}

# results [SLICE]: print `FROM>TO RESULT` of the pairs of these matrices, or of all, except those
# from a node to itself.
results() {
	jq -r ".matrices[${1:-0:}][].pairs[] | select(.from != .to) | \"\(.from)>\(.to) \(.result)\"" \
		<<<"$output"
}

# assert_document: check that $output matches doc/output.md.
assert_document() {
	local wrong top=$BATS_TEST_DIRNAME/../..
	wrong=$(jq -rn --rawfile doc "$top/doc/output.md" --arg root selftest \
		-f "$top/tests/lib/schema.jq" <<<"$output") || fail "no JSON: $output"
	assert_equal "$wrong" ""
}

# goes_wrong KIND RESULT COMPLAINT: check that moves to node 2 fail like this, and others do not.
goes_wrong() {
	run -1 --separate-stderr on_nodes 1-2 env "MISHAP=$1:2" mishap --selftest=1 --json
	assert_equal "$(results "-1:")" "1>2 $2
2>1 moved"
	assert_regex "$stderr" "^movepages: [24][KM] pages from node 1 to node 2: .*$3"
	assert_equal "$(jq -c '[.errors[] | .from, .to] | unique' <<<"$output")" "[1,2]"
	assert_equal "$(jq -c '.matrices[-1].pairs[1] | [.median, .lowest, .highest]' <<<"$output")" \
		"[null,null,null]"
	assert_document
}

# tables SPEED HEADING: print the tables of nodes 0 and 3, with figures of this form as SPEED.
tables() {
	assert_equal "$(sed -E "s/ +/ /g; /^N/s/([^N])$1/\\1SPEED/g" <<<"$output")" \
"4K pages, 5 moves of 4K: $2 in MB/s, from row to column
FROM\\TO N0 N3
N0 - SPEED
N3 SPEED -

2M pages, 5 moves of 2M: $2 in MB/s, from row to column
FROM\\TO N0 N3
N0 - SPEED
N3 SPEED -

all 2 pairs passed, contents verified"
}

@test "small and huge pages have a table each, of the nodes that the cpuset allows" {
	run -0 --separate-stderr on_nodes 0,3 movepages --selftest=1
	assert_equal "$stderr" ""
	tables '\b[0-9]+(\.[0-9])?' "median speed"
}

@test "with -v, the tables show ranges of speeds" {
	run -0 --separate-stderr on_nodes 0,3 movepages --selftest=1 -v
	tables '[0-9.]+ \([0-9.]+-[0-9.]+\)' "median (lowest-highest)"
}

@test "twelve pairs pass between four nodes" {
	run -0 --separate-stderr movepages --selftest=1
	assert_equal "${lines[-1]}" "all 12 pairs passed, contents verified"
}

# On a terminal a line shows the progress, and is erased at the end.
@test "a self test shows its progress only on a terminal" {
	run -0 there env TERM=dumb script -qec "movepages --selftest=16M" /dev/null
	assert_regex "$output" $'\r[^\r]* [0-9.]+[KMG] of 960M'
	assert_equal "${lines[-1]%$'\r'}" "all 12 pairs passed, contents verified"
}

@test "the JSON matches its description, and has the speed of each of twelve pairs" {
	run -0 --separate-stderr movepages --selftest=5K --json
	assert_equal "$(jq -c '[.matrices[] | [.page_size, .bytes]]' <<<"$output")" \
		"[[4096,8192],[2097152,2097152]]"
	assert_document
	assert_equal "$(results | sort | uniq -c | awk '{ print $1, $3 }' | uniq -c | xargs)" \
		"12 2 moved"
	# shellcheck disable=SC2016
	run -0 jq -e '
		def speed($bytes; $ns): $bytes * 1e9 / $ns | floor;
		.rounds == 5 and .errors == [] and .left_out == [] and all(.matrices[];
			.bytes as $b | all(.pairs[];
				(.nanoseconds | sort) as $t | if .from == .to
				then .result == "nothing_to_move" and .median == null and $t == []
				else ($t | length) == 5 and .median == speed($b; $t[2])
					and .lowest == speed($b; $t[4])
					and .highest == speed($b; $t[0]) end))' <<<"$output"
}

@test "pages that the kernel wrongly reports as moved are detected" {
	goes_wrong place wrong_place "is on node 1, although the move reported success"
}

@test "a changed bit is detected" {
	goes_wrong content wrong_content "memory contents changed at [0-9a-f]+ff8;"
}

@test "pages that could not be moved are reported" { goes_wrong busy stayed "not moved: busy"; }

@test "huge pages that are split are detected" {
	there bash -c 'mountpoint -q "$0" || mount -t debugfs debugfs "$0"' /sys/kernel/debug
	goes_wrong split split "only 0B of 2M arrived on node 2 in huge pages"
	assert_equal "$(results 0:1)" "1>2 moved
2>1 moved"
}

@test "if the child is killed, the self test ends and names the pair" {
	run -1 --separate-stderr on_nodes 1-2 env MISHAP=kill:2 mishap --selftest=1
	assert_regex "$stderr" \
		"^movepages: 4K pages from node 1 to node 2: the child process that holds the memory was killed"
	assert_line --regexp "^N1 +- +failed$"
	assert_line --regexp "^N2 +not done +-$"
	assert_equal "${lines[-1]}" "0 of 2 pairs passed, 1 failed, 1 not done"
}

# `run` reads standard output to its end, so it waits for a child that still runs.
# shellcheck disable=SC2016
@test "a signal to the process group ends the self test after its report, and no child remains" {
	run -143 --separate-stderr on_nodes 1-2 bash -c '"$@" & wait $!' bash \
		setsid -w env --default-signal=TERM MISHAP=end:2 mishap --selftest=2M
	assert_equal "$stderr" ""
	assert_line --regexp "^N1 +- +not done$"
	assert_equal "${lines[-1]}" "0 of 2 pairs passed, 0 failed, 2 not done"
}

@test "the child does not outlive the self test" {
	run -137 on_nodes 1-2 env MISHAP=die:2 mishap --selftest=2M
}

@test "a node without room is reported, as source and as destination" {
	node_fill 1
	run -1 --separate-stderr on_nodes 1-2 movepages --selftest=64M --json
	assert_equal "$(results 0:1)" "1>2 no_room
2>1 no_room"
	assert_regex "${stderr_lines[1]}" "^movepages: 4K pages from node 2 to node 1: not enough \
memory on node 1: need 64M, only [0-9.]+[BKM] available; free memory there, or use a smaller SIZE$"
	assert_equal "$(jq -c '.errors[:2] | map([.from, .to])' <<<"$output")" "[[1,2],[2,1]]"
}

@test "a SIZE larger than any node fits nowhere" {
	run -1 --separate-stderr movepages --selftest=1G --json
	assert_equal "$(jq -r '[.matrices[].pairs[].result] | unique[]' <<<"$output" | xargs)" \
		"no_room nothing_to_move"
}

@test "a SIZE that is too large is refused" {
	run -1 --separate-stderr movepages --selftest=15000000T --json
	assert_regex "${stderr_lines[0]}" "^movepages: 4K pages: cannot start a child process \
with .* of memory: Cannot allocate memory; use a smaller SIZE$"
	assert_equal "$(jq -c '.errors[0] | [.page_size, .from, .to]' <<<"$output")" "[4096,null,null]"
}

@test "without huge pages, a message says so, and the self test succeeds" {
	write_there never $THP
	run -0 --separate-stderr on_nodes 0,3 movepages --selftest=1 --json
	assert_equal "$stderr" "movepages: 2M pages skipped: the kernel provides none; see $THP"
	assert_equal "$(results)" "0>3 moved
3>0 moved"
	assert_equal "$(jq -c '.left_out | map(.page_size)' <<<"$output")" "[2097152]"
	assert_document
}

# cannot WHY COMMAND...: check that it exits with 77, prints no output, and one message.
cannot() {
	run -77 --separate-stderr "${@:2}"
	assert_output ""
	assert_equal "$stderr" "movepages: $1"
}

# without_file NAME CONTENT COMMAND...: run it with this content in place of the file's.
without_file() {
	write_there "$2" "$BATS_TEST_TMPDIR/file"
	# shellcheck disable=SC2016
	there unshare -m bash -c 'mount --bind "$0" "$1" && exec "${@:2}"' \
		"$BATS_TEST_TMPDIR/file" "/sys/devices/system/node/$1" "${@:3}"
}

@test "a cpuset with one node leaves nothing to test" {
	cannot "skipped: the cpuset allows only node 2 of 0-3; at least two are needed" \
		on_nodes 2 movepages --selftest
}

@test "a host where only one node has memory has nothing to test" {
	cannot "skipped: only node 3 has memory" \
		without_file has_memory 3 movepages --selftest --json
}

@test "a host without nodes has nothing to test" {
	there mkdir "$BATS_TEST_TMPDIR/empty"
	# shellcheck disable=SC2016
	run -77 --separate-stderr there unshare -m bash -c 'mount --bind "$0" /sys/devices/system/node &&
		exec movepages --selftest' "$BATS_TEST_TMPDIR/empty"
	assert_output ""
	assert_regex "$stderr" "^movepages: this kernel was built without NUMA"
}

@test "a refused system call is reported" {
	run -1 --separate-stderr there strace -f -qq -o /dev/null -e trace=move_pages \
		-e inject=move_pages:error=EPERM movepages --selftest=1
	assert_regex "$stderr" "^movepages: 4K pages from node 0 to node 1: a seccomp filter \
refuses move_pages\(2\)"
}

@test "an ordinary user can run the self test" {
	user_prepare
	run -0 --separate-stderr on_nodes 0-1 "${USER_PREFIX[@]}" movepages --selftest=1
	assert_equal "$stderr" ""
}

@test "a report that cannot be written is a failure" {
	run -1 on_nodes 0-1 bash -c 'movepages --selftest=1 >/dev/full'
	assert_output "movepages: standard output: No space left on device; the report is lost"
}
