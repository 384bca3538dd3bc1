#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2154
#
# movepages: placement, moves of selected pages, and the status of each.

load ../lib/helper

setup() {
	needs_nodes 4
	needs_root
}

# Memory of every kind, on all nodes.
start_mixed() {
	victim_start node=0 anon=1M thp=4M hugetlb=2 node=1 shm=1M file=1M \
		node=2 hole=1M node=3 locked=1M node=any untouched=256K zero=256K
}

# listed N: print column N of the lines in $output, without the heading.
listed() {
	awk -v n="$1" 'NR > 1 { print $n }' <<<"$output"
}

# assert_lists COLUMNS LINE...: check that $output has these lines in these columns (N,N...).
assert_lists() {
	local columns=$1
	shift
	assert_equal "$(awk -v want="$columns" '
		BEGIN { n = split(want, column, ",") }
		NR > 1 { line = $column[1]
			 for (i = 2; i <= n; i++)
				line = line " " $column[i]
			 print line }' <<<"$output")" "$(printf '%s\n' "$@")"
}

# pages_list OPERAND...: set $output to movepages --pages of the victim.
pages_list() {
	run -0 --separate-stderr movepages --pages "$@"
}

# Print the present pages of a victim's mapping according to whereis, STEP bytes apart.
present() {
	local start end
	read -r start end _ < <(mapping "$1")
	whereis "$VICTIM_PID" "$start" "$end" "$2" | awk '$2 >= 0'
}

# lists_present KIND STEP: check that the listing of a mapping agrees with whereis.
lists_present() {
	start_mixed
	pages_list "$VICTIM_PID" "$(range "$1")"
	assert_lists 1,2 "$(present "$1" "$2")"
}

# nodes_of KIND N...: print the nodes of these pages, in one line.
nodes_of() {
	local n
	for n in "${@:2}"; do
		page "$1" "$n"
	done | nodes_of_pages | paste -s -d ' '
}

# moves_to NODE OPERAND...: move the operands' pages, and check that all are listed on NODE.
moves_to() {
	pages_list --to="$1" "$VICTIM_PID" "${@:2}"
	assert_equal "$(listed 4 | sort -u)" "$1"
}

@test "--to moves a complete process, and its pages are counted" {
	local total=0 on_2 node
	victim_start node=0 anon=64M thp=64M hugetlb=8 shm=8M shared=2M file=8M hole=8M
	for node in 0 1 2 3; do
		total=$((total + $(numa_bytes $node)))
	done
	on_2=$(numa_bytes 2)
	run -0 --separate-stderr movepages --json --to=2 "$VICTIM_PID"
	assert_none_on 0 1 3
	assert_all_on 2 anon thp hugetlb shm shared file hole
	assert_account moved=$((total - on_2))
	assert_equal "$(numa_bytes 2)" "$total"
	assert_intact
}

@test "--from with --to does not move pages on other nodes" {
	local on_0
	victim_start node=0 anon=1M hugetlb=2 node=1 thp=2M node=3 shm=1M
	on_0=$(numa_bytes 0)
	run -0 --separate-stderr movepages --json --from=0 --to=2 "$VICTIM_PID"
	assert_account moved="$on_0"
	assert_none_on 0
	assert_all_on 2 anon hugetlb
	assert_all_on 1 thp
	assert_all_on 3 shm
	assert_intact
}

@test "a second run finds everything already there" {
	victim_start node=0 anon=1M thp=2M hugetlb=1 shm=1M
	movepages --to=2 "$VICTIM_PID"
	run -0 --separate-stderr movepages --json --to=2 "$VICTIM_PID"
	assert_account moved=0
	assert_equal "$(account already_there)" "$(account scope)"
}

@test "a complete move is silent without a terminal" {
	victim_start node=0 anon=1M
	run -0 --separate-stderr movepages --to=2 "$VICTIM_PID"
	assert_equal "$output$stderr" ""
}

@test "without a destination nothing moves" {
	local before
	start_mixed
	before=$(placement)
	run -0 --separate-stderr movepages "$VICTIM_PID"
	assert [ -n "$output" ]
	assert_equal "$stderr" ""
	assert_equal "$(placement)" "$before"
}

@test "a dry run moves nothing" {
	local before
	start_mixed
	before=$(placement)
	run -0 --separate-stderr movepages -n --to=2 "$VICTIM_PID"
	assert_equal "$(placement)" "$before"
}

@test "the total agrees with numa_maps" {
	local node
	start_mixed
	run -0 --separate-stderr movepages --json "$VICTIM_PID"
	for node in 0 1 2 3; do
		assert_equal "$node: $(json ".total[\"$node\"] // 0")" \
			"$node: $(numa_bytes $node)"
	done
}

@test "the bytes of every mapping agree with numa_maps" {
	local kind start end
	victim_start node=0 anon=1M thp=4M node=1 shm=1M file=1M hugetlb=2 node=2 hole=1M
	run -0 --separate-stderr movepages --mappings --json "$VICTIM_PID"
	while read -r kind start end _; do
		[[ $kind ]] || continue
		json ".mappings[] | select(.start == \"0x$start\" and .end == \"0x$end\")
			| .nodes | [.[\"0\"], .[\"1\"], .[\"2\"], .[\"3\"] | . // 0]
			| \"$kind: \" + (map(tostring) | join(\" \"))"
	done <<<"${VICTIM_MAPPINGS[$VICTIM_PID]}" >"$BATS_TEST_TMPDIR/ours"
	assert_equal "$(<"$BATS_TEST_TMPDIR/ours")" "$(placement)"
}

@test "the table has a line for every mapping with pages" {
	local kind start
	start_mixed
	run -0 --separate-stderr movepages --mappings "$VICTIM_PID"
	while read -r kind start _; do
		[[ $kind && $kind != untouched && $kind != zero ]] || continue
		assert_line --partial "$start"
	done <<<"${VICTIM_MAPPINGS[$VICTIM_PID]}"
}

@test "--pages agrees with a direct query for every line" {
	local theirs
	start_mixed
	pages_list "$VICTIM_PID"
	theirs=$(listed 1 | nodes_of_pages)
	assert_equal "$(listed 4)" "$theirs"
	assert_equal "$(listed 2)" "$(awk '{ print $1 < 0 ? "-" : $1 }' <<<"$theirs")"
}

# Print the bytes that $output lists on NODE, without the vdso, which numa_maps does not count.
listed_bytes() {
	local vdso
	vdso=$(there cat "/proc/$VICTIM_PID/maps" | sed -n 's/-.*\[vdso\]$//p')
	awk -v node="$1" -v vdso="${vdso:0:9}" '
		NR > 1 && $2 == node && substr($1, 1, 9) != vdso {
			bytes += ($3 + 0) * ($3 ~ /K$/ ? 1024 : 1048576)
		}
		END { printf "%d", bytes }' <<<"$output"
}

@test "--pages lists every byte that numa_maps counts" {
	local node
	start_mixed
	pages_list "$VICTIM_PID"
	for node in 0 1 2 3; do
		assert_equal "$node: $(listed_bytes $node)" "$node: $(numa_bytes $node)"
	done
}

@test "--pages lists no page twice" {
	start_mixed
	pages_list "$VICTIM_PID"
	assert_equal "$(listed 1 | sort | uniq -d)" ""
}

@test "a range of base pages lists one line per page" { lists_present anon 4096; }
@test "a range with holes lists the present pages" { lists_present hole 4096; }
@test "a range of shared memory lists one line per page" { lists_present shm 4096; }
@test "a range of a file lists one line per page" { lists_present file 4096; }
@test "a range of THP lists one line per huge page" { lists_present thp 2097152; }
@test "a range of hugetlb lists one line per huge page" { lists_present hugetlb 2097152; }
@test "a range of untouched memory lists nothing" { lists_present untouched 4096; }
@test "a range of zero pages lists nothing" { lists_present zero 4096; }

@test "single addresses give one line each in the order given, present or not" {
	local a b c d
	start_mixed
	a=$(page anon 7) b=$(page untouched 3) c=$(page shm 2) d=$(page anon 1)
	pages_list "$VICTIM_PID" "$a" "$b" "$c" "$d"
	assert_lists 1,2,3,4 "$a 0 4K 0" "$b - 4K -2" "$c 1 4K 1" "$d 0 4K 0"
}

@test "an address given twice gives two lines" {
	local a
	victim_start node=1 anon=64K
	a=$(page anon 7)
	pages_list "$VICTIM_PID" "$a" "$a"
	assert_lists 1,4 "$a 1" "$a 1"
}

@test "an address without a mapping has status -14" {
	victim_start node=0 anon=64K
	pages_list "$VICTIM_PID" 1000
	assert_equal "$(listed 4)" -14
}

@test "an address may have 0x and need not be aligned" {
	local a
	victim_start node=0 anon=64K
	a=$(page anon 3)
	moves_to 2 "0x${a%000}abc"
	assert_equal "$(nodes_of anon 2 3 4)" "0 2 0"
}

@test "a single address moves its page and no other" {
	victim_start node=0 anon=64K
	moves_to 2 "$(page anon 5)"
	assert_equal "$(numa_bytes 2 "$(page anon 0)")" 4096
	assert_intact
}

@test "a range START-END moves its pages and no others" {
	victim_start node=0 anon=1M
	moves_to 2 "$(page anon 16)-$(page anon 32)"
	assert_equal "$(listed 1 | wc -l)" 16
	assert_equal "$(nodes_of anon 15 16 31 32)" "0 2 2 0"
	assert_equal "$(numa_bytes 2 "$(page anon 0)")" 65536
	assert_intact
}

@test "a range START+SIZE moves its pages and no others" {
	victim_start node=0 anon=1M
	moves_to 2 "$(page anon 16)+64K"
	assert_equal "$(numa_bytes 2 "$(page anon 0)")" 65536
	assert_equal "$(nodes_of anon 15 16 31 32)" "0 2 2 0"
}

@test "a range is rounded outward to pages" {
	local a b
	victim_start node=0 anon=64K
	a=$(page anon 3) b=$(page anon 4)
	moves_to 2 "${a%000}fff-${b%000}001"
	assert_equal "$(listed 1)" "$a"$'\n'"$b"
}

@test "operands with =NODE go to their own nodes" {
	victim_start node=0 anon=1M
	movepages "$VICTIM_PID" "$(page anon 0)+64K=1" "$(page anon 16)+64K=2" \
		"$(page anon 40)=3" "$(page anon 41)=3"
	assert_equal "$(placement)" "anon: $((1048576 - 139264)) 65536 65536 8192"
	assert_intact
}

@test "single pages go to alternating nodes" {
	local i operands=()
	victim_start node=0 anon=128K
	for ((i = 0; i < 32; i++)); do
		operands+=("$(page anon "$i")=$((2 + i % 2))")
	done
	pages_list "$VICTIM_PID" "${operands[@]}"
	assert_equal "$(listed 4 | paste -s -d '')" "$(printf '23%.0s' {1..16})"
	assert_equal "$(placement)" "anon: 0 0 65536 65536"
}

@test "an operand without a node is only located, even if another one has a node" {
	victim_start node=0 anon=64K
	pages_list "$VICTIM_PID" "$(page anon 1)=2" "$(page anon 2)"
	assert_equal "$(listed 4 | paste -sd ' ')" "2 0"
}

@test "the lines of a move show the current node of each page" {
	local a b c
	victim_start node=0 anon=64K node=2 shm=64K node=any untouched=64K
	a=$(page anon 1) b=$(page shm 1) c=$(page untouched 1)
	pages_list --to=2 "$VICTIM_PID" "$a" "$b" "$c"
	assert_lists 1,2,4,5 "$a 2 2 moved" "$b 2 2 already" "$c - -2 not"
}

@test "with --verbose the calls of the kernel are counted and timed" {
	victim_start node=0 anon=20M
	run -0 there script -qec "stty cols 120; migratepages --verbose $VICTIM_PID 0 1" /dev/null
	assert_regex "$output" ", [2-9] calls, the longest [0-9.]+ m?s"
	run -0 --separate-stderr migratepages --json "$VICTIM_PID" 1 0
	run -0 jq -e ".total | .calls >= 2 and .longest_call > 0 and .longest_call <= .microseconds" \
		<<<"$output"
}

@test "a transparent huge page is listed and moved once for any address in it" {
	victim_start node=0 thp=4M
	moves_to 2 "$(page thp 3)-$(page thp 300)"
	assert_equal "$(listed 3 | uniq -c | xargs)" "1 2M"
	assert_equal "$(placement)" "thp: 2097152 0 2097152 0"
	assert_intact
}

@test "a single address inside a transparent huge page moves the huge page" {
	victim_start node=0 thp=4M
	moves_to 2 "$(page thp 700)"
	assert_equal "$(placement)" "thp: 2097152 0 2097152 0"
}

@test "a single address inside a hugetlb page moves the huge page" {
	victim_start node=0 hugetlb=2
	moves_to 2 "$(page hugetlb 700)"
	assert_equal "$(placement)" "hugetlb: 2097152 0 2097152 0"
	assert_intact
}

@test "a huge page with two addresses in it is counted once" {
	victim_start node=0 thp=4M
	run -0 --separate-stderr movepages --json --to=2 "$VICTIM_PID" \
		"$(page thp 3)" "$(page thp 4)"
	assert_account
	assert_equal "$(json .account.moved.huge_pages)" 1
	assert_account moved=2097152
}

@test "=NODE and --to are mutually exclusive" {
	victim_start node=0 anon=64K
	run -1 --separate-stderr movepages --to=2 "$VICTIM_PID" "$(page anon 1)=1"
	assert_equal "$output" ""
	assert_all_on 0 anon
}

@test "several destinations without --from are refused" {
	victim_start node=0 anon=64K
	run -1 --separate-stderr movepages --to=1,2 "$VICTIM_PID"
	assert_equal "$output" ""
	assert_all_on 0 anon
}
