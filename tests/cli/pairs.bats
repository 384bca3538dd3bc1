#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# Every pair of options of both commands, and every option alone, with each of its values and
# with each form of operands: either it is refused with a message that names it, or TAKES lists
# it and it has an effect.

load ../lib/helper

# The tasks, and the options that have an effect on each. check-only denotes --at-least and
# --at-most without a destination; TABLE the options of tables, which a move, --restore and
# --save print only with --verbose, --dry-run, --pages or --json; PIDS, INPUT, PAGES and NODE
# the operands: two processes, `-`, a range, a range with `=NODE`.
declare -gA TAKES=(
	[look]="watch from pid name unit tree cgroup force kind path pages mappings pages-from unmapped jobs timeout partial-ok
		at-least at-most json quiet TABLE PIDS INPUT PAGES"
	[map]="map watch color from pid name unit tree cgroup force kind path pages-from unmapped jobs timeout partial-ok
		at-least at-most bytes quiet PIDS INPUT PAGES"
	[check-only]="at-least at-most pid name unit tree cgroup force kind path jobs partial-ok quiet verbose
		PIDS INPUT PAGES"
	[move]="to from route interleave weights pid name unit tree cgroup kind path pages pages-from unmapped method dry-run jobs
		retries settle rate timeout shared huge force partial-ok at-least at-most progress
		json quiet verbose save TABLE PIDS INPUT PAGES NODE"
	[restore]="restore pid pages dry-run jobs retries rate timeout shared huge force partial-ok
		progress json quiet verbose TABLE PIDS INPUT"
	[save]="save from pid name unit tree cgroup force kind path jobs timeout partial-ok quiet verbose TABLE
		PIDS INPUT PAGES"
	[check]="check json output sort noheadings raw verbose color"
	[selftest]="selftest json jobs retries verbose color"
)
TABLE="output sort noheadings raw bytes color"

# Pairs that are always refused. method denotes --method=process.
declare -gA NEVER=(
	[route]="from to interleave" [interleave]=to [tree]="unit cgroup" [pages]="mappings output sort settle color" [raw]=color
	[watch]="pages-from timeout at-least at-most pages json INPUT"
	[pages-from]="name unit tree cgroup settle at-least at-most PIDS INPUT PAGES NODE" [json]="output sort noheadings raw color"
	[quiet]=verbose [dry-run]="rate retries progress settle at-least at-most method save"
	[method]="jobs retries rate timeout shared huge progress"
	[cgroup]="PIDS INPUT PAGES NODE" [unit]="cgroup PIDS INPUT PAGES NODE"
	[name]="unit cgroup PIDS INPUT PAGES NODE" [pid]="name unit cgroup"
	[NODE]="to route interleave settle"
)

declare -gA VALUE=(
	[to]=0 [interleave]=0 [weights]=1 [from]=0 [name]=no-such [unit]=no-such [cgroup]=/no/such [kind]=heap [path]=x [route]=0:0
	[pages-from]=/dev/null [save]=/no/such/file [restore]=/no/such/file [method]=process
	[jobs]=1 [retries]=1 [rate]=1M [timeout]=1h [shared]=no [huge]=keep [at-least]=0:1
	[at-most]=0:1 [unmapped]=skip [progress]=always [color]=always [output]=HUGE [sort]=HUGE
)

# Other values of options that have several.
declare -gA OTHER=(
	[method]=pages [shared]="auto yes" [huge]=split [progress]="auto never"
	[color]="auto never" [unmapped]=error [settle]=1 [watch]=1 [selftest]=4M
)

# options COMMAND: the options in its --help, except --help and --version.
options() {
	"$1" --help | sed -nE 's/^ {2,6}(-., )?--([a-z-]+).*/\2/p' | grep -vxE 'list-columns|help|version'
}

# has OPTION...: whether GIVEN has one of them.
has() {
	local option
	for option; do
		[[ " ${GIVEN[*]} " != *" $option "* ]] || return 0
	done
	return 1
}

# task: set REPLY to the task of the options in GIVEN.
task() {
	for REPLY in check selftest map restore; do
		! has "$REPLY" || return 0
	done
	if has to route interleave NODE || [[ $DESTINATION ]]; then
		REPLY=move
	elif has save && [[ $COMMAND == movepages ]]; then
		REPLY=save
	elif has at-least at-most && ! has pages json; then
		REPLY=check-only
	else
		REPLY=look
	fi
}

# is_taken OPTION: whether the task of GIVEN takes it, according to the tables above.
is_taken() {
	task
	case $1 in
	output | sort | noheadings | raw | bytes | color)
		[[ " ${TAKES[$REPLY]} " != *" $1 "* ]] || return 0
		[[ ${TAKES[$REPLY]} == *TABLE* ]] || return 1
		[[ $REPLY == look ]] || has verbose dry-run pages json ;;
	force)
		[[ $REPLY != @(look|map|save|check-only) ]] || { has cgroup; return; } ;;&
	verbose)
		[[ $REPLY != @(look|map) ]] || { has at-least at-most; return; } ;;&
	*)
		[[ " ${TAKES[$REPLY]//[[:space:]]/ } " == *" $1 "* ]] ;;
	esac
}

# is_possible: whether all options in GIVEN can be combined.
is_possible() {
	local one other
	for one in "${GIVEN[@]}"; do
		is_taken "$one" || return 1
		for other in ${NEVER[$one]:-}; do
			[[ "$one $other" == *method* && ${VALUE[method]} == pages ]] ||
				! has "$other" || return 1
		done
	done
	! has unmapped || has pages-from || return 1
	! has weights || has interleave
}

# try OPTION...: run the command with these options or forms of operands, and the operands that
# it needs, on processes that do not exist. SAID is standard error.
try() {
	local option words=() operands=() pids=$GONE
	local refusal='mutually exclusive| needs | replaces PIDS|takes no PIDS|works with a single process|missing operand'
	GIVEN=("$@")
	for option; do
		case $option in
		pid) ;;
		PIDS) pids=$GONE,$ALSO_GONE ;;
		INPUT) pids=- ;;
		PAGES) operands=(1000-2000) ;;
		NODE) operands=(1000-2000=0) ;;
		*) words+=("--$option${VALUE[$option]:+=${VALUE[$option]}}") ;;
		esac
	done
	if has pid; then
		words+=(--pid="$pids")
	elif ! has check selftest name unit cgroup || has PIDS INPUT; then
		operands=("$pids" "${operands[@]}")
	fi
	[[ $COMMAND == movepages || ! $DESTINATION ]] || has route || operands+=(0 0)
	words+=("${operands[@]}")
	SAID=$("$COMMAND" "${words[@]}" 2>&1 >/dev/null <<<"$GONE") || true
	TRIED=$((TRIED + 1))
	if is_possible; then
		[[ $SAID != *" --help' for "* && $SAID != *" needs "* ]] || fail "${words[*]}: $SAID"
		has check selftest || { has INPUT && has quiet; } ||
			[[ $SAID == *@("o such "|"no active unit"|"no process is named"|"has the same source and destination")* ]] ||
			fail "${words[*]}: $SAID"
	else
		[[ $SAID =~ $refusal ]] || fail "${words[*]} is not refused: $SAID"
	fi
}

# names_two: a refusal names two options of GIVEN, or one and what it needs.
names_two() {
	local option named=0
	for option in "${GIVEN[@]}"; do
		[[ $SAID != *"--$option needs "* ]] || return 0
		[[ $SAID != *"--$option"[!a-z-]* ]] || named=$((named + 1))
	done
	((named >= 2)) || fail "${GIVEN[*]}: $SAID"
}

# every_pair COMMAND [DESTINATION OPTION...]
every_pair() {
	local all i k one other
	# The DEBUG trap of bats would make this take minutes.
	trap - DEBUG
	COMMAND=$1 TRIED=0
	mapfile -t all < <(options "$1")
	for ((i = 0; i < ${#all[@]}; i++)); do
		one=${all[i]}
		[[ " ${TAKES[*]//[[:space:]]/ } $TABLE " == *" $one "* ]] ||
			fail "TAKES does not have --$one"
		try "$one" "${@:2}"
		for ((k = i + 1; k < ${#all[@]}; k++)); do
			other=${all[k]}
			try "$one" "$other" "${@:2}"
			is_possible || names_two
		done
	done
	assert_equal "$TRIED" $((${#all[@]} * (${#all[@]} + 1) / 2))
	assert [ ${#all[@]} -ge 24 ]
}

# every_value COMMAND [DESTINATION OPTION]: every other value of an option, with every option.
every_value() {
	local all one other value
	trap - DEBUG
	COMMAND=$1 TRIED=0
	mapfile -t all < <(options "$1")
	for one in "${!OTHER[@]}"; do
		[[ " ${all[*]} " == *" $one "* ]] || continue
		for value in ${OTHER[$one]}; do
			VALUE[$one]=$value
			for other in "${all[@]}"; do
				[[ $other == "$one" ]] || try "$one" "$other" "${@:2}"
			done
		done
	done
	assert [ "$TRIED" -ge 150 ]
}

# every_form FORM... : COMMAND [DESTINATION OPTION]: each form of operands, with every option.
every_form() {
	local all one form forms=()
	while [[ $1 != : ]]; do
		forms+=("$1")
		shift
	done
	trap - DEBUG
	COMMAND=$2 TRIED=0
	mapfile -t all < <(options "$2")
	for form in "${forms[@]}"; do
		for one in "${all[@]}"; do
			try "$one" "${@:3}" "$form"
			is_possible || [[ $SAID == *"--$one"[!a-z-]* || $# -gt 2 ]] ||
				fail "--$one with $form: $SAID"
		done
	done
	assert_equal "$TRIED" $((${#forms[@]} * ${#all[@]}))
	assert [ ${#all[@]} -ge 24 ]
}

setup() {
	GONE=$(gone) ALSO_GONE=$(gone)
}

@test "every pair of options of movepages has an effect or is refused" {
	DESTINATION=""
	every_pair movepages
}

@test "every pair with a destination has an effect or is refused" {
	DESTINATION=yes
	every_pair movepages to
}

@test "every pair with a table of a move has an effect or is refused" {
	DESTINATION=yes
	every_pair movepages to verbose
}

@test "every pair of options of migratepages has an effect or is refused" {
	DESTINATION=yes
	every_pair migratepages
}

@test "every pair of migratepages without a destination has an effect or is refused" {
	DESTINATION=""
	every_pair migratepages at-least
}

@test "every value of an option has an effect or is refused" {
	DESTINATION=""
	every_value movepages
}

@test "every value with a destination has an effect or is refused" {
	DESTINATION=yes
	every_value movepages to
	every_value migratepages
}

@test "every option has an effect or is refused with each form of operands" {
	DESTINATION=""
	every_form PIDS INPUT PAGES NODE : movepages
	every_form PIDS INPUT : migratepages at-least
}

@test "every form of operands with a destination has an effect or is refused" {
	DESTINATION=yes
	every_form PIDS INPUT PAGES NODE : movepages to
	every_form PIDS INPUT : migratepages
}

# A victim with a child; each option below shows or selects a different part of them.
start_varied() {
	local zero=$BATS_TEST_TMPDIR/zero
	victim_start node=0 anon=64K shm=1M memfd=512K path="$zero" file=256K
	victim_fork 1 shm
	printf '%s\n' "$(range anon)" "$(page shm 0)+64K" >"$BATS_TEST_TMPDIR/list"
	SELECTING=(--tree --kind=shm --path='*zero*' --pages-from="$BATS_TEST_TMPDIR/list")
}

@test "options that display keep their effect when combined" {
	start_varied
	effects : "${SELECTING[@]}" --pages --mappings --map --json --output=TOTAL,N0 --noheadings --raw --color \
		--bytes --at-most=all:0 --timeout=0.000000001
}

@test "options of --map keep their effect when combined" {
	start_varied
	effects --map : "${SELECTING[@]}" --bytes --color=always --at-most=all:0 --timeout=0.000000001
}

@test "options of checks keep their effect when combined" {
	start_varied
	effects --at-least=all:100 --verbose : --tree --kind=shm --path='*zero*' --at-most=all:0 \
		--pages --map --json
}

@test "options of --save keep their effect when combined" {
	start_varied
	effects --verbose --save="$BATS_TEST_TMPDIR/saved" : --kind=shm --path='*zero*' --output=SIZE \
		--noheadings --raw --bytes --timeout=0.000000001
}

@test "options of moves keep their effect when combined" {
	start_varied
	effects --to=0 --verbose : "${SELECTING[@]}" --pages --json --output=PID,ALREADY-THERE \
		--noheadings --raw --bytes --at-most=all:0 --color
}

@test "options of dry runs keep their effect when combined" {
	start_varied
	effects --to=0 --dry-run : "${SELECTING[@]}" --pages --json --output=RESULT,SIZE \
		--noheadings --raw --bytes --timeout=0.000000001
}

@test "--save, --quiet and --partial-ok have an effect" {
	start_varied
	changes --save="$BATS_TEST_TMPDIR/saved"
	changes --quiet --kind=hugetlb
	changes --partial-ok --timeout=0.000000001
	changes --partial-ok --map --timeout=0.000000001
	changes --partial-ok --to=0 --timeout=0.000000001
	changes --quiet --to=0 --timeout=0.000000001
}
