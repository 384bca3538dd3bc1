#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# Invalid usage prints an error message on standard error, and possibly a hint on a second line;
# nothing is printed on standard output, nothing is moved, and the exit status is 1.

load ../lib/helper

setup() {
	victim_start node=0 anon=64K
	PID=$VICTIM_PID
	PID_MAX=$(</proc/sys/kernel/pid_max)
}

# refuses TEXT COMMAND...: the command fails with TEXT in its error message.
refuses() {
	run -1 --separate-stderr "${@:2}"
	assert_output ""
	HINT=${stderr_lines[1]-}
	assert [ ${#stderr_lines[@]} -le 2 ]
	assert_regex "$stderr" "^$2: "
	[[ ${stderr_lines[0]} == *"$1"* ]] || fail "'$1' is not in: $stderr"
}

# hints HINT TEXT COMMAND...: likewise, and HINT is the second line.
hints() {
	refuses "${@:2}"
	assert_equal "$HINT" "$1"
}

@test "options may follow operands, even with POSIXLY_CORRECT" {
	local variable
	for variable in NOTHING POSIXLY_CORRECT; do
		run -0 env "$variable=1" movepages "$PID" --pages --noheadings "$(page anon 0)"
		assert_output --regexp "^$(page anon 0) "
		run -0 env "$variable=1" migratepages "$PID" 0 --json 0
		assert_output --partial '"command":"migratepages"'
	done
}

@test "missing and extra operands are refused" {
	local option try="Try 'migratepages --help' for more information."
	hints "$try" "migratepages: missing operand PIDS" migratepages
	hints "$try" "missing operand FROM after '$PID'" migratepages "$PID"
	hints "$try" "missing operand TO after '0'" migratepages "$PID" 0
	hints "$try" "extra operand '3'" migratepages "$PID" 0 0 3
	refuses "missing operand PIDS" migratepages --route=0:1
	hints "--route replaces FROM and TO" "extra operand '0'" migratepages --route=0:1 "$PID" 0 1
	for option in --to=0 --mappings --pages --map --tree --at-least=0:5; do
		refuses "missing operand PIDS" movepages "$option"
	done
	refuses "missing operand FROM" migratepages --cgroup=/
	refuses "missing operand TO after '0'" migratepages --cgroup=/ 0
	for option in --cgroup=/x --unit=x --name=x "--pid=$PID"; do
		hints "${option%=*} replaces PIDS" "extra operand '0'" migratepages "$option" "$PID" 0 0
		refuses "extra operand '$PID'" migratepages "$option" --route=0:1 "$PID"
	done
	for option in --cgroup=/x --unit=x --name=x; do
		hints "${option%=*} replaces PIDS, and takes no PAGES" "extra operand '$PID'" \
			movepages "$option" "$PID"
		refuses "${option%=*}: empty " movepages "${option%=*}="
	done
}

@test "PIDs are decimal numbers up to pid_max" {
	refuses "PID out of range: '4294967297' (the largest is $PID_MAX)" migratepages 4294967297 0 0
	refuses "PID out of range: '18446744073709551617'" migratepages 18446744073709551617 0 0
	refuses "PID out of range: '$((PID_MAX + 1))'" migratepages $((PID_MAX + 1)) 0 0
	refuses "invalid PID: '0'" migratepages 0 0 0
	refuses "invalid PID: '0x1'" migratepages 0x1 0 0
	refuses "invalid PID: '010'" migratepages 010 0 0
	refuses "invalid PID: ' 1'" migratepages " 1" 0 0
	refuses "invalid PID: '-1'" migratepages -- -1 0 0
	refuses "invalid list of PIDs: '' (empty element)" migratepages "" 0 0
	refuses "invalid list of PIDs: '$PID,' (empty element)" migratepages "$PID," 0 0
	refuses "invalid PID: 'x'" movepages "--pid=$PID,x"
}

@test "a name instead of a PID gets a hint" {
	hints "to select by name, use --name=redis" "migratepages: invalid PID: 'redis'" \
		migratepages redis 0 0
	hints "to select by name, use --name=x" "invalid PID: 'x'" movepages "$PID,x"
	hints "to select by name, use --name=kworker" "invalid PID: 'kworker'" movepages kworker
	hints "to select by unit, use --unit=redis.service" "invalid PID: 'redis.service'" \
		movepages -p redis.service
	hints "Try 'movepages --help' for more information." "invalid PID: 'a b'" movepages "a b"
}

@test "a process that does not exist is named" {
	local pid
	pid=$(gone)
	refuses "process $pid: no such process" migratepages "$pid" 0 0
	refuses "process $pid: no such process" movepages "$pid"
}

@test "a kernel thread is refused" {
	local thread
	thread=$(kernel_thread) || cannot_run "no kernel thread is visible here"
	refuses "kernel thread, no user memory" migratepages "$thread" 0 0
}

@test "a zombie is refused" {
	refuses "zombie, no memory" migratepages "$(zombie_make)" 0 0
}

@test "empty and invalid node lists are refused, with the position of the error" {
	refuses "FROM: empty node list" migratepages "$PID" "" 0
	refuses "TO: empty node list" migratepages "$PID" 0 ""
	refuses "'0x0'" migratepages "$PID" 0x0 0
	refuses "'00'" migratepages "$PID" 00 0
	refuses "' 0'" migratepages "$PID" " 0" 0
	refuses "'foo'" migratepages "$PID" foo 0
	refuses "(at 3)" migratepages "$PID" 0,x 0
	refuses "'18446744073709551615' (at 3)" migratepages "$PID" 0-18446744073709551615 0
	refuses "--to: 'zzz'" movepages --to=zzz "$PID"
	refuses "--from: empty node list" movepages --from= --to=0 "$PID"
	refuses "--route: '0'" movepages --route=0 "$PID"
	refuses "PAGES: 'x'" movepages "$PID" 1000=x
}

@test "a node that does not exist is refused, and the usable nodes are listed" {
	refuses "'1000' is not a node of this machine; usable node" migratepages "$PID" 0 1000
	refuses "'1000' is not a node of this machine; usable node" migratepages "$PID" 1000 0
	refuses "'1000' (at 3) is not a node of this machine; usable node" migratepages "$PID" 0,1000 0
	refuses "'1000' (at 6) is not a node of this machine; usable node" movepages "$PID" 1000=1000
	refuses "is not a node of this machine" movepages --to=4294967296 "$PID"
}

@test "invalid PAGES are refused" {
	refuses "'zzz' is not a hexadecimal address" movepages "$PID" zzz
	refuses "'' is not a hexadecimal address" movepages "$PID" 1000-
	refuses "not above the start" movepages "$PID" 2000-1000
	refuses "'4x' is not a size" movepages "$PID" 1000+4x
	refuses "no mapping in '1000-2000'" movepages "$PID" 1000-2000
}

@test "an invalid operand is detected before any operand is processed" {
	refuses "'zzz' is not a hexadecimal address" movepages --pages "$PID" "$(page anon 0)" zzz
	refuses "'1000' (at 14) is not a node of this machine" movepages "$PID" "$(page anon 0)=0" "$(page anon 1)=1000"
}

@test "errors in options have the messages of getopt" {
	local try="Try 'movepages --help' for more information."
	hints "$try" "movepages: unrecognized option '--bad'" movepages --bad
	refuses "unrecognized option '--bad=1'" movepages "$PID" --bad=1
	refuses "unrecognized option '--\\033[31m'" movepages $'--\033[31m'
	refuses "unrecognized option '---'" movepages ---
	hints "$try" "option '--pa' is ambiguous; possibilities: '--path' '--pages-from' '--partial-ok' '--pages'" \
		movepages --pa "$PID"
	refuses "option '--at=0:1' is ambiguous; possibilities: '--at-least' '--at-most'" \
		migratepages --at=0:1 "$PID"
	hints "$try" "option '--json' doesn't allow an argument" movepages --json=yes "$PID"
	refuses "option '--json' doesn't allow an argument" movepages --js= "$PID"
	hints "$try" "option '--retries' requires an argument" movepages "$PID" --retries
	refuses "option '--retries' requires an argument" migratepages --retr
	hints "$try" "option requires an argument -- 'j'" movepages "$PID" -j
	refuses "option requires an argument -- 'o'" movepages -no
	hints "$try" "invalid option -- 'x'" movepages -x
	refuses "invalid option -- 'x'" movepages -nx
	refuses "invalid option -- 'x'" movepages --json -xn
	refuses "invalid option -- '\\377'" movepages $'-\377'
}

@test "an unknown option gets a hint: the most similar option, or the other command" {
	hints "did you mean --retries?" "unrecognized option '--retry'" movepages --retry "$PID"
	hints "did you mean --from?" "unrecognized option '--form=0'" movepages --form=0 "$PID"
	hints "did you mean --dry-run?" "unrecognized option '--dryrun'" migratepages --dryrun "$PID" 0 1
	hints "did you mean --timeout?" "unrecognized option '--time-out=1'" movepages --time-out=1
	hints "--map is an option of movepages" "unrecognized option '--map'" migratepages --map "$PID"
	hints "--method is an option of migratepages" "unrecognized option '--method=pages'" \
		movepages --method=pages "$PID"
}

@test "invalid option arguments are refused" {
	refuses "invalid --method argument 'x': must be one of pages|process" \
		migratepages --method=x "$PID" 0 0
	refuses "invalid --jobs argument '0': must be a number from 1 to 64" migratepages -j 0 "$PID" 0 0
	refuses "invalid --retries argument '-1': must be a number from 0" \
		migratepages --retries=-1 "$PID" 0 0
	refuses "invalid --timeout argument '5x': not a time" migratepages --timeout=5x "$PID" 0 0
	refuses "invalid --timeout argument '0': not a time" migratepages --timeout=0 "$PID" 0 0
	refuses "invalid --timeout argument '106751d': longer than 292 years" \
		migratepages --timeout=106751d "$PID" 0 0
	refuses "invalid --rate argument '16777216T': too large" migratepages --rate=16777216T "$PID" 0 0
	refuses "invalid --rate argument 'fast': not a size" migratepages --rate=fast "$PID" 0 0
}

@test "sizes have the units of util-linux" {
	local size
	for size in 1048576 0x100000 1024K 1024k 1M 1MiB 1000KB 1GB 1G 1T 1P 1E; do
		run -0 migratepages --rate="$size" "$PID" 0 0
	done
	run -0 movepages --pages --noheadings "$PID" "$(page anon 0)+8KiB"
	assert_equal "${#lines[@]}" 2
	run -0 movepages --pages --noheadings "$PID" "$(page anon 0)+8KB"
	assert_equal "${#lines[@]}" 2
}

@test "times may be as long as the clock allows, in any unit" {
	local time
	for time in 259200 3d 9223372035 153722866m 2562046h 106750d; do
		run -0 migratepages --timeout="$time" --settle="$time" "$PID" 0 0
	done
}

@test "unknown columns are refused, and the columns of the table are listed" {
	local all=" ADDRESS END SIZE PERMS KIND PAGESIZE NODES N0"
	refuses "--output: unknown column: 'foo'; available:$all" \
		movepages --mappings -o foo "$PID"
	refuses "--sort: unknown column: 'foo'; available:$all" \
		movepages --mappings --sort=-foo "$PID"
	refuses "--sort: unknown column: 'NODES'" movepages --sort=NODES "$PID"
	refuses "unknown column: 'KIND'; available: PID COMMAND NODES N0" \
		movepages --sort=KIND "$PID,$PID_MAX"
	refuses "unknown column: ''" movepages -o "" "$PID"
	refuses "unknown column: ''" movepages -o "PID,," "$PID"
	refuses "unknown column: 'N1000'" movepages -o +N1000 "$PID"
	refuses "unknown column: 'NAME'; available: PID MOVED ALREADY-THERE NOT-MOVED COMMAND SIZE FROM TO PAGES HUGE SPLIT LARGER-UNIT SAME-FOLIO GONE NEW EXCLUDED COMM" \
		migratepages -v -o NAME "$PID" 0 0
	refuses "unknown column: 'NAME'" migratepages -n -o NAME "$PID" 0 0
	refuses "unknown column: 'NAME'" movepages -v -o NAME --to=0 "$PID"
	refuses "invalid --color argument 'x': must be one of auto|always|never" movepages --color=x "$PID"
}

@test "invalid kinds of mappings and patterns are refused" {
	refuses "invalid --kind argument 'hep': valid kinds are heap, stack, anon, file, shm, hugetlb" \
		movepages --kind=heap,hep "$PID"
	refuses "invalid --kind argument ''" movepages --kind=heap, "$PID"
	refuses "--path: empty GLOB" movepages --path= "$PID"
}

@test "weights are positive integers, one for each node" {
	local text
	refuses "--weights needs --interleave" movepages --to=0 --weights=1 "$PID"
	refuses "--weights: 2 weights for 1 node" movepages --interleave=0 --weights=1,1 "$PID"
	refuses "'x' (at 3) is not a weight" movepages --interleave=0 --weights=1,x "$PID"
	for text in 0 -1 1.5 01 4294967296 "1 " ""; do
		refuses "--weights: '$text' (at 1) is not a weight" movepages --interleave=0 "--weights=$text" "$PID"
	done
	refuses "'' (at 3) is not a weight" movepages --interleave=0 --weights=1, "$PID"
}

@test "--at-least and --at-most need nodes and a percentage" {
	refuses "--at-least: '95%' is not NODES:PCT" movepages --at-least=95% "$PID"
	refuses "--at-most: ':95%' names no nodes" movepages --at-most=:95% "$PID"
	refuses "--at-most: '101' is not a percentage" movepages --at-most=0:101 "$PID"
	refuses "--at-most: 'x' is not a percentage" migratepages --at-most=0:x "$PID"
	refuses "--at-least: '-1' is not a percentage" migratepages --at-least=0:-1 "$PID" 0 0
	refuses "--at-least: '1000' is not a node of this machine" movepages --at-least=1000:5 "$PID"
	refuses "--at-least: '1000' is not a node of this machine" \
		migratepages --at-least=0:5% --at-least=1000:5% "$PID" 0 0
	refuses "missing operand TO after '0'" migratepages --at-least=0:5% "$PID" 0
}

@test "mutually exclusive options are refused and named" {
	refuses "--route and --to are mutually exclusive" movepages --route=0:1 --to=0 "$PID"
	refuses "--route and --from are mutually exclusive" movepages --route=0:1 --from=0 "$PID"
	refuses "--quiet and --verbose are mutually exclusive" migratepages -q -v "$PID" 0 0
	refuses "--method=process and --jobs are mutually" migratepages --method=process -j2 "$PID" 0 0
	refuses "--method=process and --retries are mutually" \
		migratepages --method=process --retries=1 "$PID" 0 0
	local other
	for other in --to=0 --route=0:1 --pages --mappings --json --output=NAME --sort=NAME --raw --noheadings; do
		refuses "--map and ${other%%=*} are mutually exclusive" movepages --map "$other" "$PID"
	done
	for other in --output=NAME --sort=NAME --raw --noheadings; do
		refuses "--json and ${other%%=*} are mutually exclusive" movepages --json "$other" "$PID"
	done
	refuses "--pages and --output are mutually exclusive" movepages --pages -o NAME "$PID"
	refuses "--pages and --mappings are mutually exclusive" movepages --pages --mappings "$PID"
	refuses "=NODE and --map are mutually exclusive" movepages --map "$PID" 1000=0
	refuses "=NODE and --to are mutually exclusive" movepages --to=0 "$PID" 1000=0
	refuses "=NODE and --route are mutually exclusive" movepages --route=0:1 "$PID" 1000=0
	refuses "--dry-run needs a destination" movepages -n "$PID"
	refuses "--dry-run needs a destination" movepages -n --pages-from=/dev/null "$PID"
	refuses "PAGES and --pages-from are mutually" movepages --pages-from=/dev/null "$PID" 1000
	refuses "--pages-from and --settle are mutually exclusive" \
		movepages --settle --to=0 --pages-from=/dev/null "$PID"
	refuses "=NODE and --settle are mutually exclusive" movepages --settle "$PID" 1000=0
	refuses "--dry-run and --save are mutually exclusive" movepages -n --save=x --to=0 "$PID"
	refuses "--dry-run and --save are mutually exclusive" migratepages -n --save=x "$PID" 0 0
	refuses "--save needs a destination: FROM and TO" migratepages --save=x --at-least=0:1 "$PID"
	refuses "--save needs a destination" movepages --save=x --pages-from=/dev/null "$PID"
	refuses "--save and --json are mutually exclusive" movepages --save=x --json "$PID"
	refuses "--restore and --save are mutually exclusive" movepages --save=x --restore=x "$PID"
	refuses "--map and --save are mutually exclusive" movepages --save=x --map "$PID"
	refuses "--restore and --from are mutually exclusive" movepages --restore=x --from=0 "$PID"
	refuses "--restore and --kind are mutually exclusive" movepages --restore=x --kind=shm "$PID"
	refuses "PAGES and --restore are mutually" movepages --restore=x "$PID" 1000
	refuses "--pages-from works with a single process only" movepages --pages-from=/dev/null "$PID,1"
	refuses "--tree and --cgroup are mutually exclusive" movepages --tree --cgroup=/
	refuses "--tree and --unit are mutually exclusive" movepages --tree --unit=x
	refuses "--pid and --name are mutually exclusive" movepages -p "$PID" --name=x
	refuses "--pid and --cgroup are mutually exclusive" migratepages --cgroup=/ -p "$PID" 0 0
	refuses "--name and --unit are mutually exclusive" movepages --name=x --unit=x
	refuses "--unit and --cgroup are mutually exclusive" movepages --cgroup=/x --unit=x
	refuses "--force needs a destination or --cgroup" movepages --force "$PID"
	for other in --pages-from --restore; do
		refuses "$other and --tree are mutually exclusive" movepages --tree "$other=x" "$PID"
		refuses "$other and --name are mutually exclusive" movepages --name=x "$other=x"
		refuses "$other and --unit are mutually exclusive" movepages --unit=x "$other=x"
		refuses "$other and --cgroup are mutually exclusive" movepages --cgroup=/ "$other=x"
	done
	refuses "--pages-from works with a single process only" movepages --pages-from=x -
	refuses "--route and --interleave are mutually exclusive" movepages --route=0:1 --interleave=0 "$PID"
	refuses "--interleave and --to are mutually exclusive" movepages --to=0 --interleave=0 "$PID"
	refuses "=NODE and --interleave are mutually exclusive" movepages --interleave=0 "$PID" 1000=0
	refuses "--dry-run and --at-least are mutually" migratepages -n --at-least=0:5% "$PID" 0 0
	refuses "--dry-run and --at-most are mutually" movepages -n --at-most=0:5% --to=0 "$PID"
}

@test "--selftest takes a size and no process" {
	local text
	for text in 0 0K -1 x 1.5M 1X 16MX " 1M" ""; do
		refuses "invalid --selftest argument '$text': not a size" movepages "--selftest=$text"
	done
	refuses "invalid --selftest argument '18446744073709551616': too large" \
		movepages --selftest=18446744073709551616
	refuses "extra operand '$PID'" movepages --selftest "$PID"
	hints "--selftest takes no PIDS, and a SIZE after '='" "extra operand '16M'" \
		movepages --selftest 16M
}

# The options that --selftest takes, and --help and --version, are not tried here.
@test "--selftest excludes all other options" {
	local option n=0
	while read -r option; do
		[[ $option == *= ]] && option+=1
		case $option in
		--kind=*) option=--kind=heap ;;
		--shared=* | --progress=* | --color=*) option=${option%=*}=auto ;;
		--huge=*) option=--huge=keep ;;
		--unmapped=*) option=--unmapped=skip ;;
		--pid=*) option=--pid=1 ;;
		--at-*) option=${option%=*}=0:1 ;;
		esac
		refuses "--selftest and ${option%%=*} are mutually exclusive" movepages --selftest "$option"
		refuses "--selftest and ${option%%=*} are mutually exclusive" movepages "$option" --selftest
		n=$((n + 1))
	done < <(movepages --help | sed -nE 's/^ *(-., )?(--[a-z-]+=?).*/\2/p' |
		grep -vxE -- '--(selftest|check|json|verbose|color|jobs|retries|list-columns|help|version)=?')
	assert [ $n -ge 27 ]
	refuses "--check and --selftest are mutually exclusive" movepages --selftest --check
}

@test "control characters in arguments are escaped in messages" {
	refuses "'\\033[31m'" migratepages "$PID" $'\033[31m' 0
	refuses "invalid PID: '\\033[31m'" movepages $'\033[31m'
}

@test "invalid usage moves nothing" {
	# First make sure that the trace has the calls.
	run -0 traced move_pages,migrate_pages migratepages "$PID" 0 0
	assert_file_contains "$BATS_TEST_TMPDIR/trace" "move_pages(0, "
	run -1 traced move_pages,migrate_pages migratepages "$PID" 0 1000
	assert_file_contains "$BATS_TEST_TMPDIR/trace" "+++ exited with 1 +++"
	run ! grep -E '^[0-9]+ +(move|migrate)_pages' "$BATS_TEST_TMPDIR/trace"
	assert_intact
}
