#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# A move that ends early reports it, and the remaining memory. 8 MiB at 4 MiB per second do not
# move within half a second, nor at 1 MiB per second before a signal.

load ../lib/helper

setup() {
	needs_nodes 4
	victim_start node=0 anon=8M
	RANGE=$(range anon)
}

# unfinished BY: check the document and the summary of such a move.
unfinished() {
	local moved=$((8 << 20))
	assert_account scope=$moved gone=0 already_there=0
	assert_equal "$(jq -c '[.complete, .ended_by, (.errors | length)]' <<<"$output")" \
		"[false,\"$1\",1]"
	assert_equal "$(json '[.complete, .ended_by]')" "[false,\"$1\"]"
	(($(account moved) > 0 && $(account left_by.not_reached) > 0)) || fail "$output"
	assert_equal "$(json .remaining)" "$(account left_by.not_reached)"
	assert_equal "$(json .left_pages)" "[]"
	assert_equal "$(numa_bytes 1 "${RANGE%-*}")" "$(account moved)"
}

@test "a move that times out counts the pages that it did not reach" {
	run -64 --separate-stderr movepages --json --rate=4M --timeout=0.5 --to=1 \
		"$VICTIM_PID" "$RANGE"
	unfinished timeout
	assert_regex "$stderr" \
		"^movepages: victim \\($VICTIM_PID\\): timed out: moved [0-9.]+[KM] of 8M to node 1 in [0-9.]+ m?s, [0-9.]+ [MG]B/s; [0-9.]+[KM] was not reached$"
	assert_equal "${#stderr_lines[@]}" 1
}

@test "an interrupted move counts the pages that it did not reach" {
	local command=(movepages --json --rate=1M --to=1 "$VICTIM_PID" "$RANGE")
	move_begin 1 "${command[@]}"
	there pkill -TERM -fx "${command[*]}"
	move_end 143
	unfinished signal
	assert_regex "$stderr" ": interrupted: moved [0-9.]+[KMB]"
}

@test "the table of a move that ended early has these pages" {
	run -64 --separate-stderr movepages -v --rate=4M --timeout=0.5 --to=1 "$VICTIM_PID" "$RANGE"
	assert_line --index 1 --regexp "^ *$VICTIM_PID +[0-9.]+[KM] +- +[0-9.]+[KM] .*victim"
	assert_regex "$stderr" ": timed out: moved .*; [0-9.]+[KM] was not reached$"
}

@test "pages of passes that did not begin are counted" {
	victim_start node=0 anon=4M node=1 anon=4M
	run -64 --separate-stderr migratepages -J --rate=1M --timeout=0.3 "$VICTIM_PID" 0,1 1,2
	(($(account scope) >= 8 << 20)) || fail "$output"
}
