#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2154
#
# movepages --map on any machine: layout and colours.

load ../lib/helper

setup() {
	victim_start node=0 anon=64K hole=32K untouched=1M shm=4M
	PID=$VICTIM_PID
	unset NO_COLOR COLUMNS
}

# cells KIND [I]: the cells of the rows in $output that start at that mapping.
cells() {
	local start
	read -r start _ < <(mapping "$@")
	awk -v start="$start" '$1 == start { print $NF }' <<<"$output"
}

# on_terminal COMMAND: set output to its output on an xterm of 100 columns.
on_terminal() {
	needs_terminal
	run -0 script -qec "stty cols 100; export TERM=xterm; $1" /dev/null
	output=${output//$'\r'/}
}

ESCAPE=$'\033'

@test "a small mapping has a cell for each page" {
	run -0 --separate-stderr movepages --map "$PID" "$(range anon)"
	assert_line --index 0 "victim ($PID): 64K in memory: 64K on node 0"
	assert_equal "$(cells anon)" 0000000000000000
	assert_equal "$stderr" ""
}

@test "pages that are not resident are dots" {
	run -0 movepages --map "$PID" "$(range hole)"
	assert_equal "$(cells hole)" 0.0.0.0.
}

@test "mappings without resident pages are skipped and counted" {
	run -0 movepages --map "$PID" "$(range anon)" "$(range untouched)"
	assert_equal "$(cells untouched)" ""
	assert_line "not shown: 1 mapping (1M), not in memory"
	run -0 movepages --map "$PID" "$(range untouched)"
	assert_line "not shown: 1 mapping (1M), not in memory"
}

@test "unmapped addresses are counted" {
	run -0 movepages --map "$PID" 1000 2000 "$(page anon 0)"
	assert_line "not mapped: 2 addresses"
	assert_equal "$(cells anon)" 0
	refute_line --partial "not shown"
}

@test "many adjacent small mappings are drawn as one" {
	victim_start node=0 pieces=192K
	run -0 movepages --map "$VICTIM_PID"
	assert_line --regexp "^$(mapping pieces | cut -d ' ' -f 1) 48 mappings +4K 0{48}$"
}

@test "a larger mapping has larger cells and more rows" {
	run -0 movepages --map "$PID" "$(range shm)"
	assert_line --regexp "^$(mapping shm | cut -d ' ' -f 1) shm +64K 0{48}$"
	assert_line --regexp "^$(page shm 768) +64K 0{16}$"
}

# touch_page KIND N: make that page resident, from outside the process.
touch_page() {
	printf x | dd of="/proc/$VICTIM_PID/mem" bs=1 seek="$((16#$(page "$@")))" \
		oflag=seek_bytes conv=notrunc status=none
}

# touch_pages FIRST N: the same for N pages of the untouched mapping.
touch_pages() {
	dd if=/dev/zero of="/proc/$VICTIM_PID/mem" bs=4K seek=$((16#$(page untouched "$1") / 4096)) \
		count="$2" conv=notrunc status=none
}

@test "rows without resident pages share a line" {
	victim_start untouched=64M
	touch_pages 0 200
	touch_pages 16000 200
	run -0 movepages --map "$VICTIM_PID" "$(range untouched)"
	assert_line --regexp "^$(page untouched 0) anon +256K [0-9]{4}\.{44}$"
	assert_line --regexp "^$(page untouched 3072) +256K \.\.\. 48M not in memory \.\.\.$"
	assert_line --regexp "^$(page untouched 15360) +256K \.{10}[0-9]{4}\.{2}$"
}

@test "rows with few resident pages share a line, with their size and their nodes" {
	victim_start untouched=64M
	touch_pages 0 200
	touch_page untouched 8000
	touch_page untouched 16383
	run -0 movepages --map "$VICTIM_PID" "$(range untouched)"
	assert_line --regexp "^$(page untouched 3072) +256K \.\.\. 52M, 8K of it in memory on node [0-9] \.\.\.$"
}

@test "rows that are like the one before share a line, unless it is a single one" {
	victim_start node=0 shm=64M
	run -0 movepages --map "$VICTIM_PID" "$(range shm)"
	assert_equal "$(sed -nE '3,5p' <<<"$output" | sed 's/ [ ]*/ /g')" "\
$(page shm 0) shm 256K 000000000000000000000000000000000000000000000000
$(page shm 3072) 256K ... 48M like the row above ...
$(page shm 15360) 256K 0000000000000000"
	victim_start node=0 shm=6M
	run -0 movepages --map "$VICTIM_PID" "$(range shm)"
	assert_line --regexp "^$(page shm 768) +64K 0{48}$"
	refute_line --partial "like the row above"
}

@test "only the requested pages are drawn" {
	run -0 movepages --map "$PID" "$(page anon 1)+16K" "$(page hole 0)" "$(page hole 1)"
	assert_line --regexp "^$(page anon 1) anon +4K 0000$"
	assert_line --regexp "^$(page hole 0) anon +4K 0$"
	assert_line --regexp "^0 node 0 +20K 100.0% 0{48}$"
}

@test "single pages are drawn once, in any order and number" {
	run -0 movepages --map "$PID" "$(page hole 2)" "$(page hole 1)" "$(page hole 0)" \
		"$(page hole 2)"
	assert_equal "$(grep -c ' anon ' <<<"$output")" 2
	assert_line --regexp "^$(page hole 0) anon +4K 0$"
	assert_line --regexp "^$(page hole 2) anon +4K 0$"
	assert_line "not shown: 1 mapping (4K), not in memory"
	assert_line --regexp "^0 node 0 +8K 100.0% 0{48}$"
}

@test "a page that is also in a range is drawn again and counted once" {
	run -0 movepages --map "$PID" "$(range hole)" "$(page hole 2)"
	assert_line --regexp "^$(page hole 0) anon +4K 0\.0\.0\.0\.$"
	assert_line --regexp "^$(page hole 2) anon +4K 0$"
	refute_output --partial "not shown"
	assert_line --regexp "^0 node 0 +16K 100.0% 0{48}$"
}

# The list is processed 16,384 lines at a time.
@test "all parts of a long list are drawn" {
	victim_start node=0 anon=64K untouched=64M
	touch_pages 0 200
	touch_pages 16320 64
	{
		yes "$(page anon 1)" | head -n 16383
		range untouched
		page anon 2
	} >"$BATS_TEST_TMPDIR/list"
	run -0 movepages --map --pages-from="$BATS_TEST_TMPDIR/list" "$VICTIM_PID"
	assert_equal "$(sed -E '1,2d; s/ +/ /g; /^[0-9+] /d; s/[0-9]{4}\./0000./; s/\.[0-9]$/.0/' <<<"$output")" "\
$(page anon 1) anon 4K 0
$(page untouched 0) anon 256K 0000$(printf .%.0s {1..44})
$(page untouched 3072) 256K ... 48M not in memory ...
$(page untouched 15360) 256K $(printf .%.0s {1..15})0
$(page anon 2) anon 4K 0"
	assert_line --regexp "^[0-9] node [0-9] +1(.1)?M "
}

@test "the legend adds up to the total of the table" {
	run -0 movepages --map --bytes "$PID"
	local total
	total=$(awk '$2 == "node" { sum += $4 } END { print sum }' <<<"$output")
	run -0 movepages --bytes --raw --noheadings -o TOTAL "$PID"
	assert_equal "$total" "$(awk '{ sum += $1 } END { print sum }' <<<"$output")"
}

@test "in a pipe, the map has 80 columns, or COLUMNS, and no colours" {
	local width
	for width in "" 60 132 999 10; do
		COLUMNS=$width run -0 movepages --map "$PID"
		refute_output --partial "$ESCAPE"
		assert_equal "$(LC_ALL=C grep -c '[^ -~]' <<<"$output")" 0
		[[ ! $width || $width == 999 || $width == 10 ]] ||
			assert [ "$(wc -L <<<"$output")" -le "$width" ]
		[[ $width ]] || assert [ "$(wc -L <<<"$output")" -le 80 ]
	done
	COLUMNS=132 run -0 movepages --map "$PID" "$(range shm)"
	assert_line --regexp " 0{64}$"
}

@test "on a terminal, the map has its width, blocks and colours" {
	on_terminal "LC_ALL=C.UTF-8 movepages --map $PID $(range shm)"
	assert_output --partial "shm           64K ${ESCAPE}[38;5;39m$(printf '█%.0s' {1..64})"
}

@test "without a UTF-8 locale, the map has colours and no blocks" {
	on_terminal "LC_ALL=C movepages --map $PID $(range hole)"
	assert_output --partial "${ESCAPE}[38;5;39m0${ESCAPE}[38;5;240m.${ESCAPE}[38;5;39m0"
	assert_equal "$(LC_ALL=C grep -c $'[\x80-\xff]' <<<"$output")" 0
}

# colored yes|no COMMAND: whether its output on a terminal has colours.
colored() {
	on_terminal "$2"
	if [[ $1 == yes ]]; then
		assert_output --partial "${ESCAPE}["
	else
		refute_output --partial "${ESCAPE}["
		assert_equal "$(LC_ALL=C grep -c '[^ -~]' <<<"$output")" 0
	fi
}

@test "NO_COLOR, a dumb terminal and --color=never disable colours" {
	colored yes "movepages --map $PID"
	colored yes "NO_COLOR= movepages --map $PID"
	colored no "NO_COLOR=1 movepages --map $PID"
	colored no "TERM=dumb movepages --map $PID"
	colored no "movepages --map --color=never $PID"
	colored yes "movepages $PID"
	colored no "NO_COLOR=1 movepages $PID"
	colored no "movepages --color=never $PID"
	colored no "movepages --raw $PID"
	colored no "movepages --pages $PID"
	colored yes "migratepages -v $PID 0 0"
	colored yes "migratepages -n $PID 0 0"
	colored no "migratepages -n --color=never $PID 0 0"
	colored yes "movepages --check || [ \$? = 77 ]"
	colored yes "movepages --check -v || [ \$? = 77 ]"
	colored no "TERM=dumb movepages --check || [ \$? = 77 ]"
	colored yes "NO_COLOR=1 movepages --map --color=always $PID"
	run -0 movepages --map --color=always "$PID"
	assert_output --partial "${ESCAPE}["
	assert_equal "$(LC_ALL=C grep -c $'[\x80-\xff]' <<<"$output")" 0
}

@test "each of several processes has its own map" {
	local first=$PID
	victim_start node=0 anon=64K
	run -0 movepages --map "$first,$VICTIM_PID"
	assert_equal "$(grep -c '^victim ([0-9]*): ' <<<"$output")" 2
	assert_equal "$(grep -c '^0 node 0 ' <<<"$output")" 2
}

@test "a check does not change the map" {
	local map
	map=$(movepages --map "$PID" "$(range anon)")
	run -0 --separate-stderr movepages --map --at-least=all:100 "$PID" "$(range anon)"
	assert_equal "$output$stderr" "$map"
}

@test "a map that cannot be written is a failure" {
	run -1 --separate-stderr bash -c "movepages --map $PID >/dev/full"
	assert_regex "$stderr" "^movepages: standard output: No space left on device"
}

@test "--map moves nothing" {
	run -0 traced move_pages movepages --map "$PID"
	run ! grep MPOL_MF_MOVE "$BATS_TEST_TMPDIR/trace"
	assert_intact
}
