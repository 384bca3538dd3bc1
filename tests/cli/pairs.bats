#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# Every pair of options of both commands, and every option by itself: it is refused with a
# message that names it, or TAKES has it, and then it has an effect.

load ../lib/helper

# What a command line is about, and the options that have an effect on it. --check-only stands
# for checks of where memory is without a destination; TABLE for options of tables, which a
# move, --restore and --save print with --verbose, --dry-run, --pages or --json only.
declare -gA TAKES=(
	[look]="from tree cgroup kind path pages pages-from jobs timeout partial-ok
		at-least at-most json quiet TABLE"
	[map]="map color from tree cgroup kind path pages-from jobs timeout partial-ok
		at-least at-most bytes quiet"
	[check-only]="at-least at-most tree cgroup kind path jobs partial-ok quiet verbose"
	[move]="to from route spread tree cgroup kind path pages pages-from method dry-run jobs
		retries settle rate timeout shared huge force partial-ok at-least at-most progress
		json quiet verbose TABLE"
	[restore]="restore pages dry-run jobs retries rate timeout shared huge force partial-ok
		progress json quiet verbose TABLE"
	[save]="save from kind path jobs timeout partial-ok quiet verbose TABLE"
	[check]="check json output noheadings raw"
	[selftest]="selftest json jobs retries"
)
TABLE="output noheadings raw bytes"

# Pairs that no command line takes. Of --method it is --method=process.
declare -gA NEVER=(
	[route]="from to spread" [tree]=cgroup [pages]="output settle"
	[pages-from]="tree cgroup settle at-least at-most" [json]="output noheadings raw"
	[quiet]=verbose [dry-run]="rate retries progress settle at-least at-most method"
	[method]="jobs retries rate timeout shared huge progress"
)

declare -gA VALUE=(
	[to]=0 [from]=0 [cgroup]=/no/such [kind]=heap [path]=x [route]=0:0
	[pages-from]=/dev/null [save]=/no/such/file [restore]=/no/such/file [method]=process
	[jobs]=1 [retries]=1 [rate]=1M [timeout]=1h [shared]=no [huge]=keep [at-least]=0:1
	[at-most]=0:1 [progress]=always [color]=always [output]=SIZE
)

# options COMMAND: of its --help, without those that end it at once.
options() {
	"$1" --help | sed -nE 's/^ {2,6}(-., )?--([a-z-]+).*/\2/p' | grep -vxE 'help|version'
}

# has OPTION...: whether one of them is in GIVEN.
has() {
	local option
	for option; do
		[[ " ${GIVEN[*]} " != *" $option "* ]] || return 0
	done
	return 1
}

# task: what the options in GIVEN are about, in REPLY.
task() {
	for REPLY in check selftest save map restore; do
		! has "$REPLY" || return 0
	done
	if has to route || [[ $DESTINATION ]]; then
		REPLY=move
	elif has at-least at-most && ! has pages json; then
		REPLY=check-only
	else
		REPLY=look
	fi
}

# is_taken OPTION: whether the task of GIVEN takes it, by the tables above.
is_taken() {
	task
	case $1 in
	output | noheadings | raw | bytes)
		[[ " ${TAKES[$REPLY]} " != *" $1 "* ]] || return 0
		[[ ${TAKES[$REPLY]} == *TABLE* ]] || return 1
		[[ $REPLY == look ]] || has verbose dry-run pages json ;;
	verbose)
		[[ $REPLY != @(look|map) ]] || { has at-least at-most; return; } ;;&
	*)
		[[ " ${TAKES[$REPLY]//[[:space:]]/ } " == *" $1 "* ]] ;;
	esac
}

# is_possible: whether all in GIVEN go together.
is_possible() {
	local one other
	for one in "${GIVEN[@]}"; do
		is_taken "$one" || return 1
		for other in ${NEVER[$one]:-}; do
			! has "$other" || return 1
		done
	done
	! has spread || has to
}

# try OPTION...: with these, and as operands what the command needs, on no process that is
# there. What it says is in SAID.
try() {
	local option words=()
	GIVEN=("$@")
	for option; do
		words+=("--$option${VALUE[$option]:+=${VALUE[$option]}}")
	done
	if ! has check selftest; then
		has cgroup || words+=("$GONE")
		[[ $COMMAND == movepages || ! $DESTINATION ]] || has route || words+=(0 0)
	fi
	SAID=$("$COMMAND" "${words[@]}" 2>&1 >/dev/null </dev/null) || true
	TRIED=$((TRIED + 1))
	if is_possible; then
		[[ $SAID != *"--help')"* && $SAID != *" needs "* ]] || fail "${words[*]}: $SAID"
		has check selftest || [[ $SAID == *@("o such "|"no cgroup"|"leads nowhere")* ]] ||
			fail "${words[*]}: $SAID"
	else
		[[ $SAID == *"mutually exclusive"* || $SAID == *" needs "* ]] ||
			fail "${words[*]} is not refused: $SAID"
	fi
}

# names_both ONE OTHER: whether both are named, or what one of them needs.
names_both() {
	[[ $SAID == *"--$1"* && $SAID == *"--$2"* ]] ||
		[[ $SAID == *@("--$1"|"--$2")" needs "* ]] || fail "--$1 --$2: $SAID"
}

# every_pair COMMAND [DESTINATION OPTION...]
every_pair() {
	local all i k one other
	# With what bats does before each line, this takes minutes.
	trap - DEBUG
	COMMAND=$1 TRIED=0
	mapfile -t all < <(options "$1")
	for ((i = 0; i < ${#all[@]}; i++)); do
		one=${all[i]}
		[[ " ${TAKES[*]//[[:space:]]/ } $TABLE " == *" $one "* ]] ||
			fail "what does --$one go with?"
		try "$one" "${@:2}"
		for ((k = i + 1; k < ${#all[@]}; k++)); do
			other=${all[k]}
			try "$one" "$other" "${@:2}"
			is_possible || (($# > 1)) || names_both "$one" "$other"
		done
	done
	assert_equal "$TRIED" $((${#all[@]} * (${#all[@]} + 1) / 2))
	assert [ ${#all[@]} -ge 24 ]
}

setup() {
	GONE=$(gone)
}

# outcome WORD...: all that comes of movepages with these words for the victim.
outcome() {
	local status=0
	movepages "$@" "$VICTIM_PID" 2>&1 3>&- || status=$?
	echo "exit status $status"
}

# changes OPTION WORD...: the option makes a difference to a command line.
changes() {
	[[ $(outcome "$@") != "$(outcome "${@:2}")" ]] || fail "$1 changes nothing with ${*:2}"
}

@test "every pair of options of movepages has an effect or is refused" {
	DESTINATION=""
	every_pair movepages
}

@test "so it is where there is a destination" {
	DESTINATION=yes
	every_pair movepages to
}

@test "so it is where a move prints a table" {
	DESTINATION=yes
	every_pair movepages to verbose
}

@test "so it is with every pair of options of migratepages" {
	DESTINATION=yes
	every_pair migratepages
}

@test "so it is where migratepages has no destination" {
	DESTINATION=""
	every_pair migratepages at-least
}

@test "options of looks, maps, checks and saved placements change what comes of them" {
	local option saved=$BATS_TEST_TMPDIR/saved
	victim_start node=0 anon=64K shm=1M
	victim_fork 1
	for option in --pages --map --save="$saved" --json --output=KIND --noheadings --raw --bytes \
		--tree --kind=shm --path=/x --pages-from=/dev/null --at-least=all:100 \
		--timeout=0.000000001; do
		changes "$option"
	done
	changes --quiet --kind=hugetlb
	changes --partial-ok --timeout=0.000000001
	for option in --noheadings --raw --bytes --json --at-most=all:0; do
		changes "$option" --pages
	done
	for option in --bytes --tree --kind=shm --path=/x --pages-from=/dev/null --color=always \
		--timeout=0.000000001; do
		changes "$option" --map
	done
	for option in --map --pages --json --verbose --kind=hugetlb; do
		changes "$option" --at-least=all:100
	done
	changes --at-most=all:0 --map
	changes --verbose --map --at-least=all:100
	changes --verbose --save="$saved"
	for option in --output=KIND --noheadings --raw --bytes; do
		changes "$option" --verbose --save="$saved"
	done
}
