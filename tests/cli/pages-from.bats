#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2154
#
# movepages --pages-from: lists of pages, from files and from pipes.

load ../lib/helper

setup() {
	victim_start node=0 anon=256K untouched=64K
	PID=$VICTIM_PID
	LIST=$BATS_TEST_TMPDIR/list
}

# listing [OPTION...]: run movepages --pages with the list on standard input; set output.
listing() {
	run -0 --separate-stderr movepages --pages --pages-from="$LIST" "$@" "$PID"
}

# addresses: the first column of $output, on one line.
addresses() {
	awk 'NR > 1 { print $1 }' <<<"$output" | xargs
}

# refuses_at WHERE TEXT [OPTION...]: the list is refused at that position.
refuses_at() {
	run -1 --separate-stderr movepages --pages --pages-from="$LIST" "${@:3}" "$PID"
	assert_equal "${stderr_lines[-1]}" "movepages: $LIST$1: $2"
}

@test "the output of --pages is a valid list, and gives the same output" {
	movepages --pages "$PID" >"$LIST"
	listing
	assert_equal "$output" "$(<"$LIST")"
	run -0 bash -c "movepages --pages $PID | movepages --pages --pages-from=- $PID"
	assert_equal "$output" "$(<"$LIST")"
}

@test "every address has one line, present or not, in the same order" {
	local a b c
	a=$(page anon 3) b=$(page untouched 1) c=$(page anon 1)
	printf '%s\n' "$a" "$b" "$c" "$c" 1000 "$b" >"$LIST"
	listing
	assert_equal "$(addresses)" "$a $b $c $c 000000001000 $b"
	assert_equal "$(awk 'NR > 1 { print $4 }' <<<"$output" | xargs)" "0 -2 0 0 -14 -2"
}

@test "ranges, comments, empty lines, and text after a space" {
	printf '%s\n' "# a comment" "" "   " "ADDRESS NODE" "$(page anon 0)+8K  0 8K zzz" \
		$'\t'"$(page anon 5)"$'\t'"x" >"$LIST"
	listing
	assert_equal "$(addresses)" "$(page anon 0) $(page anon 1) $(page anon 5)"
}

@test "lines may end in CR LF, and the last newline may be missing" {
	printf '%s\r\n\r\n%s' "$(page anon 1)" "$(page anon 2)" >"$LIST"
	listing
	assert_equal "$(addresses)" "$(page anon 1) $(page anon 2)"
}

@test "an invalid line is reported, and the lines before it are processed" {
	printf '%s\n' "$(page anon 1)" "# no" zzz "$(page anon 2)" >"$LIST"
	refuses_at :3 "the text at column 1 is not a hexadecimal address"
	assert_equal "$(addresses)" "$(page anon 1)"
	run -1 --separate-stderr movepages --to=0 --pages-from="$LIST" "$PID"
	assert_equal "$stderr" \
		"movepages: $LIST:3: the text at column 1 is not a hexadecimal address"
}

@test "an invalid line after more than 10,000 lines is reported" {
	yes "$(page anon 1)" | head -n 40000 >"$LIST"
	echo 2000-1000 >>"$LIST"
	refuses_at :40001 "the text at column 6 is not above the start of its range"
	assert_equal "${#lines[@]}" 40001
}

@test "unmapped ranges and invalid nodes are reported with their line number" {
	echo 1000-2000 >"$LIST"
	refuses_at :1 "no mapping in the range"
	printf '%s=0\n' "$(page anon 1)" "$(page anon 2)" >"$LIST"
	listing
	assert_equal "$(awk 'NR > 1 { print $5 }' <<<"$output" | sort -u)" already
	echo "$(page anon 1)=123456789 x" >>"$LIST"
	refuses_at :3 "node number is out of range"
	sed -i '$s/=.*/=1000 x/' "$LIST"
	run -1 --separate-stderr movepages --pages-from="$LIST" "$PID"
	assert_equal "${stderr_lines[-1]%; usable node*}" \
		"movepages: $LIST:3: '1000' (at 14) is not a node of this machine"
}

@test "a huge page that two ranges share is counted once, in any part of the list" {
	local start count
	[[ $(</sys/kernel/mm/transparent_hugepage/enabled) != *"[never]"* ]] ||
		skip "this kernel makes no huge pages"
	victim_start node=0 thp=2M anon=64K
	PID=$VICTIM_PID
	read -r start _ < <(mapping thp)
	for count in 0 16383; do
		# Line 16,384 is the last one of the first part.
		yes "$(page anon 0)" | head -n "$count" >"$LIST"
		printf '%x-%x\n' $((16#$start)) $((16#$start + 8192)) $((16#$start + 8192)) \
			$((16#$start + 16384)) >>"$LIST"
		run -0 --separate-stderr movepages --json --pages-from="$LIST" "$PID"
		assert_equal "$(json '.kinds[0].total < 2 * 2097152')" true
	done
}

# hole: the start of a mapping of the victim with unmapped addresses right below it.
hole() {
	tr - ' ' <"/proc/$PID/maps" | while read -r start end _; do
		if ((16#$start - last > 0x100000 && last)); then
			echo "$start"
			break
		fi
		last=$((16#$end))
	done
}

# from START BYTES: the range of BYTES from START on; if negative, up to START.
from() {
	local start=$((16#$1 + ($2 < 0 ? $2 : 0))) size=${2#-}
	printf '%x-%x\n' $start $((start + size))
}

@test "--unmapped=skip skips unmapped ranges and counts them" {
	local start edge said
	read -r start _ < <(mapping anon)
	edge=$(hole)
	# Regions that meet in the middle of pages, with holes; and one that is cut.
	{
		echo 1000-9000
		from "$start" 5000
		from "$(printf %x $((16#$start + 5000)))" 90
		from "$(printf %x $((16#$start + 5090)))" 3103
		from "$(printf %x $((16#$start + 8193)))" $((262144 - 8193))
		printf '%x-%x\n' $((16#$edge - 12288)) $((16#$edge + 4096))
		echo 20000-20001
	} >"$LIST"
	refuses_at :1 "no mapping in the range"
	said="movepages: process $PID: 44K of the list is not mapped: 2 ranges skipped, 1 cut"
	run -0 --separate-stderr movepages --json --unmapped=skip --pages-from="$LIST" --kind=anon "$PID"
	assert_equal "$stderr" "$said"
	assert_equal "$(json .unmapped)" '{"skipped":2,"cut":1,"bytes":45057}'
	assert_equal "$(json '.total | add')" 262144
	run -0 --separate-stderr movepages --json --unmapped=skip --pages-from="$LIST" --kind=anon \
		--to=0 "$PID"
	assert_equal "$stderr" "$said"
	assert_equal "$(json .unmapped)" '{"skipped":2,"cut":1,"bytes":45057}'
	assert_account scope=262144 already_there=262144
	run -0 --separate-stderr movepages --json -q --unmapped=skip --pages-from="$LIST" "$PID"
	assert_equal "$stderr" ""
	# Each page is listed once.
	listing --unmapped=skip --kind=anon --noheadings
	assert_equal "$(grep -vc 'not selected' <<<"$output")" 64
	sed -i 1d "$LIST"
	refuses_at :6 "no mapping in the range" --unmapped=error
}

@test "an invalid line is an error with --unmapped=skip, too" {
	printf '%s\n' 1000-2000 x >"$LIST"
	refuses_at :2 "the text at column 1 is not a hexadecimal address" \
		--unmapped=skip
}

@test "=NODE is refused with --to, and if the first line has no node" {
	printf '%s\n' "$(page anon 1)" "$(page anon 2)=0" >"$LIST"
	refuses_at :2 "=NODE and --to are mutually exclusive" --to=0
	refuses_at :2 "=NODE is not allowed: the first line of PAGES has none"
}

@test "options must have an effect on the action of the first line of a list" {
	local option
	printf '%s=0\n' "$(page anon 1)" >"$LIST"
	for option in --map --output=NAME --bytes; do
		run -1 --separate-stderr movepages "$option" --pages-from="$LIST" "$PID"
		assert_equal "$output$stderr" \
			"movepages: =NODE and ${option%%=*} are mutually exclusive"
	done
	run -0 movepages --rate=1G --retries=1 --pages-from="$LIST" "$PID"
	page anon 1 >"$LIST"
	for option in --dry-run --rate=1M --shared=no --verbose; do
		run -1 --separate-stderr movepages "$option" --pages-from="$LIST" "$PID"
		assert_equal "$output$stderr" \
			"movepages: ${option%%=*} needs a destination: --to, --interleave, --route or =NODE"
	done
}

@test "a line that is too long, or has a NUL byte, is reported" {
	printf '1000 %4091s\n' x >"$LIST"
	listing
	printf '1000 %4092s\n' x >"$LIST"
	refuses_at :1 "line is longer than 4096 bytes"
	printf '# x\n10\0000\n' >"$LIST"
	refuses_at :2 "line contains a NUL byte (binary file?)"
	LIST=/dev/zero
	refuses_at :1 "line is longer than 4096 bytes"
}

@test "files that cannot be read are reported" {
	LIST=$BATS_TEST_TMPDIR
	refuses_at "" "Is a directory"
	LIST=$BATS_TEST_TMPDIR/none
	refuses_at "" "No such file or directory"
	assert_output ""
}

@test "--pages-from is refused with several processes" {
	local first=$PID
	victim_start node=0 anon=64K
	movepages --pages "$first,$VICTIM_PID" >"$LIST"
	refuses_at :1 "the text at column 5 is the heading of a list whose lines do not begin with addresses"
}

@test "an empty list is a success, and is reported" {
	: >"$LIST"
	listing
	assert_equal "$stderr" \
		"movepages: process $PID: page list is empty"
	run -0 --separate-stderr bash -c "movepages --pages-from=- $PID </dev/null"
	assert_regex "$stderr" "page list is empty"
}

@test "a list can be combined with --kind, --from and --json" {
	movepages --pages "$PID" >"$LIST"
	listing --kind=heap
	assert_equal "$(grep -cv 'not selected' <<<"$output")" \
		"$(movepages --pages --kind=heap "$PID" | wc -l)"
	run -0 movepages --json --pages-from="$LIST" --from=0 "$PID"
	assert_equal "$(json .total)" "$(output=$(movepages --json --from=0 "$PID"); json .total)"
}

# A list of one line, whose writer then waits.
unfinished_list() {
	mkfifo "$LIST"
	exec {SLOW}<>"$LIST"
	echo "$(page anon 1)=0" >&"$SLOW"
}

# Whether a process has a handler for SIGTERM.
catches_term() {
	local mask
	mask=$(sed -n 's/^SigCgt:\t//p' "/proc/$1/status")
	((16#${mask:-0} & 1 << 14))
}

@test "a move that waits for more of its list can be interrupted" {
	local mover status=0
	unfinished_list
	env --default-signal=TERM movepages --pages-from="$LIST" "$PID" \
		2>"$BATS_TEST_TMPDIR/errors" 3>&- &
	mover=$!
	until catches_term $mover; do :; done
	kill -TERM $mover
	wait $mover || status=$?
	assert_equal $status 143
}

@test "a move that waits for more of its list ends at its time limit" {
	unfinished_list
	run -64 --separate-stderr movepages --timeout=0.1 --pages-from="$LIST" "$PID"
	assert_regex "$stderr" "timed out"
}

@test "the vsyscall page, above all addresses in pagemap, is not present" {
	run -0 movepages --pages --noheadings "$PID" ffffffffff600000
	assert_output --regexp "^ffffffffff600000 +- +4K +-(2 not present|14 not mapped)$"
}
