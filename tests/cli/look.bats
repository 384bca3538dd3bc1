#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# movepages without a destination: the list of processes, the kinds of mappings of one process, its
# mappings; sorting and columns.

load ../lib/helper

setup() {
	victim_start node=0 anon=64K shm=4M
	PID=$VICTIM_PID
}

# on_terminal LINES COLUMNS COMMAND: set output to its output on a terminal of that size.
on_terminal() {
	needs_terminal
	run -0 script -qec "stty rows $1 cols $2; export NO_COLOR=1; $3" /dev/null
	output=${output//$'\r'/}
	mapfile -t lines <<<"$output"
}

@test "one process has a row for each kind of mapping, largest first, and their sum" {
	run -0 movepages --bytes -o KIND,N0,TOTAL,MAPPINGS --kind=anon,shm,stack "$PID"
	assert_line --index 1 --regexp "^KIND +N0 +TOTAL +MAPPINGS$"
	assert_line --index 2 --regexp "^shm +4194304 +4194304 +1$"
	assert_line --index 3 --regexp "^anon +[0-9]+ +[0-9]+ +[0-9]+$"
	assert_line --index 4 --regexp "^stack +[0-9]+ +[0-9]+ +1$"
	assert_equal "$(awk 'NR > 2 && NR < 6 { bytes += $3; n += $4 }
		$1 == "total" { print bytes - $3, n - $4 }' <<<"$output")" "0 0"
}

@test "the row of a kind is the sum of its mappings" {
	local mappings
	mappings=$(movepages --mappings --raw --noheadings -b -o KIND,TOTAL "$PID" |
		awk '{ bytes[$1] += $2; n[$1]++ } END { for (k in n) print k, bytes[k], n[k] }' | sort)
	assert_equal "$(movepages --raw --noheadings -b -o KIND,TOTAL,MAPPINGS "$PID" | sort)" "$mappings"
}

@test "the line above the table has the memory policy, the cpuset and the CPUs" {
	there taskset -acp 0 "$PID" >/dev/null
	run -0 movepages --kind=shm "$PID"
	assert_line --index 0 --regexp \
		"^victim \($PID\): 4M in memory, policy default, CPUs 0, cpuset.mems [0-9,-]+(, NUMA balancing)?$"
	assert_line --regexp "^ +100\.0% *$"
	run -0 movepages --mappings --kind=shm "$PID"
	assert_line --index 0 --partial "victim ($PID): 4M in memory, policy default, CPUs 0"
	run -0 movepages --noheadings --kind=shm "$PID"
	refute_output --partial "in memory"
}

@test "on a terminal, a long path is cut at its start" {
	local dir
	dir=$BATS_TEST_TMPDIR/$(printf 'long%.0s' {1..20})
	mkdir -p "$dir"
	victim_start path="$dir/the-file" file=8K
	on_terminal 24 60 "movepages --mappings --kind=file $VICTIM_PID"
	assert_line --regexp "^$(mapping file | cut -d ' ' -f 1) file .* \.\.\.[^ ]*/the-file$"
	assert [ "$(wc -L <<<"$output")" -le 60 ]
	run -0 movepages --mappings --kind=file "$VICTIM_PID"
	assert_line --partial " $dir/the-file"
}

@test "without operands, the list of processes has a total and the free memory" {
	run -0 --separate-stderr movepages
	assert_line --index 0 --regexp "^ +PID +COMMAND +N0 .*TOTAL +POLICY +CPUS$"
	assert_line --regexp "^ *$PID victim .*[0-9.]+[MG] default +[0-9,-]+$"
	assert_line --index -2 --regexp "^ +total +[0-9]"
	assert_line --index -1 --regexp "^ +free +[0-9.]+[MGT]"
	assert_equal "$(movepages --raw --noheadings -b -o TOTAL |
		awk 'NR > 1 && $1 > before { bad++ } { before = $1 } END { print bad + 0 }')" 0
}

@test "several PIDs print a list of these processes" {
	local first=$PID
	victim_start node=0 shm=8M
	for words in "$first,$VICTIM_PID" "- $first $VICTIM_PID"; do
		# shellcheck disable=SC2086
		run -0 --separate-stderr movepages --raw --noheadings -o PID,TOTAL --kind=shm \
			${words%% *} <<<"${words#* }"
		assert_output "$VICTIM_PID 8M"$'\n'"$first 4M"
	done
}

@test "shared memory is counted in the first process only" {
	victim_fork 2 shm
	run -0 --separate-stderr movepages --kind=shm -o COMMAND,TOTAL --tree "$PID"
	assert_equal "$(sed -E '1d; /free/d; s/ +/ /g; s/ $//' <<<"$output")" "victim 4M"$'\n'"total 4M"
	on_terminal 24 80 "movepages --kind=shm -o COMMAND,TOTAL --tree $PID"
	assert_line --index -1 "Shared memory is counted once, but memory shared since fork(2) in each process."
	on_terminal 24 80 "movepages --kind=anon -o COMMAND,TOTAL --tree $PID"
	refute_output --partial "Shared memory"
}

@test "on a terminal, small processes share a row if they do not fit" {
	local child
	victim_fork 12
	on_terminal 12 80 "movepages --tree $PID"
	assert [ "$(wc -l <<<"$output")" -le 11 ]
	assert_line --regexp "^ +\([0-9]+ smaller\) "
	on_terminal 12 80 "movepages --raw --tree $PID"
	assert_equal "$(wc -l <<<"$output")" 14
}

@test "processes that the caller may not inspect are counted; a single one is named" {
	local single
	needs_root
	user_prepare
	run -0 --separate-stderr as_user movepages -o PID,COMMAND
	# In its own PID namespace, PID 1 is the only process of another user.
	# shellcheck disable=SC2016
	single=$(unshare --pid --fork --mount-proc bash -c '"$@"; exit' - "${USER_PREFIX[@]}" movepages 2>&1)
	user_cleanup
	refute_line --regexp "^ *$PID "
	assert_regex "$stderr" "^movepages: [0-9]+ processes are not listed: Permission denied$"
	[[ $single == *"movepages: process 1 is not listed: Permission denied" ]] || fail "$single"
}

@test "--sort sorts rows, also by columns that are not displayed" {
	local kinds="--raw --noheadings -b --kind=anon,shm,stack"
	# shellcheck disable=SC2086
	{
		assert_equal "$(movepages $kinds -o KIND --sort=KIND "$PID" | xargs)" "anon shm stack"
		assert_equal "$(movepages $kinds -o KIND --sort=-KIND "$PID" | xargs)" "stack shm anon"
		assert_equal "$(movepages $kinds -o KIND --sort=-TOTAL "$PID" | xargs)" "shm anon stack"
		assert_equal "$(movepages $kinds -o N0 --sort=n0 "$PID")" \
			"$(movepages $kinds -o N0 "$PID" | sort -n)"
	}
	run -0 movepages --mappings --sort=-TOTAL "$PID"
	assert_line --index 2 --regexp "^$(mapping shm | cut -d ' ' -f 1) shm "
	assert_line --index -1 --regexp "^total "
	run -0 --separate-stderr movepages --raw --noheadings -o PID --sort=PID
	assert_equal "$output" "$(sort -n <<<"$output")"
	run -0 migratepages -n --raw --noheadings -o SIZE -b --sort=-SIZE "$PID" 0 0
	assert_equal "$output" "$(sort -rn <<<"$output")"
}

@test "--list-columns prints every column of -o" {
	local columns
	run -0 movepages --list-columns
	columns=$(awk '/^[^ ]/ { inside = /kind of mapping:/ } inside && /^ / { print $1 }' <<<"$output" |
		paste -sd ,)
	assert_equal "$columns" KIND,NODES,TOTAL,HUGE,MAPPINGS,PID,COMM
	run -0 movepages -o "$columns" "$PID"
	run -0 migratepages --list-columns
	refute_line --partial "list of processes"
	assert_line --regexp "^  SPLIT +[a-z]"
}
