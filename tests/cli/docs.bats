#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2154
#
# The documentation agrees with the commands: --help and the manual pages. Completions read
# --help; see completions.bats.

load ../lib/helper

TOP=$BATS_TEST_DIRNAME/../..

# The pages as configure makes them, PAGES/NAME.SECTION, and the rendered text, NAME.txt.
setup_file() {
	local page
	export PAGES=$BATS_FILE_TMPDIR
	for page in migratepages.8 movepages.8 numapages.7; do
		sed 's/@VERSION@/0.1/' "$TOP/doc/$page.in" >"$PAGES/$page"
		mandoc -T ascii -O width=80 "$PAGES/$page" |
			sed 's/.\x08//g' >"$PAGES/${page%.*}.txt"
	done
}

# section PAGE NAME: the rendered text of that section.
section() {
	awk -v name="$2" '/^[A-Z]/ { inside = ($0 == name); next } inside' "$PAGES/$1.txt"
}

# tags PAGE SECTION: the first words of its entries.
tags() {
	section "$1" "$2" | sed -nE 's/^ {5,7}([^ ])/\1/p'
}

# option_names: the options at the starts of lines, "-n", "--dry-run", one per line.
option_names() {
	sed -nE 's/^ *((-.), )?(--[a-z-]+).*/\2\n\3/p' | grep . | LC_ALL=C sort -u
}

help_options() {
	"$1" --help | option_names
}

manual_options() {
	tags "$1" OPTIONS | option_names
}

# forms: the options of help or manual with the beginnings of their arguments, one per line.
help_forms() {
	"$1" --help | forms
}

manual_forms() {
	tags "$1" OPTIONS | forms
}

forms() {
	sed -nE 's/^ *((-.), )?(--[a-z-]+(\[?=[A-Za-z|]+)?).*/\2 \3/p' | LC_ALL=C sort
}

# same_options COMMAND WHERE: it has the options of --help, and no others.
same_options() {
	local help
	help=$(help_options "$1")
	assert [ "$(wc -l <<<"$help")" -ge 12 ]
	assert_equal "$("$2_options" "$1")" "$help"
	assert_equal "$("$2_forms" "$1")" "$(help_forms "$1")"
}

@test "migratepages: manual page and --help have the same options" { same_options migratepages manual; }
@test "movepages: manual page and --help have the same options" { same_options movepages manual; }

# same_values COMMAND OPTION: the manual page has the choices in --help.
same_values() {
	local choices
	choices=$("$1" --help | sed -nE "s/.* --$2\[?=([a-z|]+).*/\1/p")
	assert [ "$choices" ]
	tags "$1" OPTIONS | grep -qxF -e "--$2=$choices" -e "--$2[=$choices]" || fail "no --$2=$choices in the manual page"
}

@test "migratepages: the manual page has the methods" { same_values migratepages method; }
@test "migratepages: the manual page has the values of --shared" { same_values migratepages shared; }
@test "movepages: the manual page has the values of --shared" { same_values movepages shared; }
@test "migratepages: the manual page has the values of --progress" { same_values migratepages progress; }
@test "movepages: the manual page has the values of --progress" { same_values movepages progress; }
@test "movepages: the manual page has the values of --color" { same_values movepages color; }

# help_reads_well COMMAND: it fits 80 columns, and has headings and a text for each option.
help_reads_well() {
	run -0 "$1" --help
	assert_equal "too long: $(awk 'length > 80' <<<"$output")" "too long: "
	assert_equal "$(sed -nE 's/^(Which|Moving|Output|Checks|Help|Columns|Exit)(.*):$/\1\2/p' <<<"$output" | xargs -d '\n')" \
		"$2"
	assert_equal "no text: $(awk '
		function has_text(line) { return substr(line, 27, 2) == "  " && substr(line, 29, 1) ~ /[^ ]/ }
		/^ +(-., )?--[a-z]/ && !has_text($0) { option = $0; getline; if (!has_text($0)) print option }
		' <<<"$output")" "no text: "
	assert_equal "${lines[-1]}" "For more details see $1(8)."
}

@test "migratepages: --help reads well on a terminal" {
	help_reads_well migratepages "Which processes Moving Output Checks Help Columns Exit status"
}
@test "movepages: --help reads well on a terminal" {
	help_reads_well movepages \
		"Which processes Which memory Moving Output Checks Help Columns Exit status"
}

lint() {
	run -0 mandoc -T lint -W warning "$PAGES/$1"
	refute_output
	# Like lintian.
	run -0 --separate-stderr env LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 \
		man --warnings -E UTF-8 -l -Tutf8 -Z "$PAGES/$1"
	assert_equal "$stderr" ""
}

@test "migratepages(8) is well formed" { lint migratepages.8; }
@test "movepages(8) is well formed" { lint movepages.8; }
@test "numapages(7) is well formed" { lint numapages.7; }

fits() {
	run awk 'length > 80' "$PAGES/$1.txt"
	refute_output
}

@test "migratepages(8) fits 80 columns" { fits migratepages; }
@test "movepages(8) fits 80 columns" { fits movepages; }
@test "numapages(7) fits 80 columns" { fits numapages; }

# sections PAGE NAME...
sections() {
	local name page=$1
	shift
	for name; do
		grep -qx "$name" "$PAGES/$page.txt" || fail "no $name"
	done
}

usual=(NAME SYNOPSIS DESCRIPTION OPTIONS "EXIT STATUS" EXAMPLES NOTES "SEE ALSO")

@test "migratepages: the manual page has the usual sections" { sections migratepages "${usual[@]}"; }
@test "movepages: the manual page has the usual sections" { sections movepages "${usual[@]}"; }

@test "numapages(7) has what both commands share" {
	sections numapages NAME DESCRIPTION PROCESSES "NODE LISTS" "HOW SETS OF NODES MAP" \
		"MOVING PAGES" "DRY RUNS" REPORT OUTCOMES CHECKS JSON DIAGNOSTICS "EXIT STATUS" \
		ENVIRONMENT FILES NOTES "SEE ALSO"
}

# A reference is "SECTION in numapages(7)".
@test "the sections of numapages(7) that the other pages refer to exist" {
	local name n=0
	while read -r name; do
		grep -qx "$name" "$PAGES/numapages.txt" || fail "no $name"
		n=$((n + 1))
	done < <(cat "$PAGES/migratepages.txt" "$PAGES/movepages.txt" | tr -s ' \n' ' ' |
		grep -oE '[A-Z][A-Z ]+ in numapages\(7\)' | sed 's/ in .*//')
	assert [ $n -ge 4 ]
}

@test "migratepages: the manual page has examples, then the differences from numactl's" {
	local headings
	headings=$(sed '1d;$d' "$PAGES/migratepages.txt" | grep '^[A-Z]' | head -n 5 | xargs -d '\n')
	assert_equal "$headings" \
		"NAME SYNOPSIS DESCRIPTION EXAMPLES DIFFERENCES FROM NUMACTL'S MIGRATEPAGES"
}

# exit_codes COMMAND CODES: its page has these, and numapages(7) explains them.
exit_codes() {
	assert_equal "$(tags "$1" "EXIT STATUS" | grep -oE '^[0-9]+' | xargs)" "$2"
	assert_equal "$(tags numapages "EXIT STATUS" | grep -oE '^[0-9]+' | xargs)" \
		"0 1 3 4 64 77 128"
	assert_equal "$("$1" --help | awk '/^Exit status:/, 0 { print $1 }' | grep -oE '^[0-9]+' | xargs)" "$2"
}

@test "migratepages: the exit statuses are documented" { exit_codes migratepages "0 1 3 4 64 128"; }
@test "movepages: the exit statuses are documented" { exit_codes movepages "0 1 3 4 64 77 128"; }

# The status codes of a listing, and their names.
@test "numapages(7) has every status code and result" {
	local word text
	text=$(section numapages OUTCOMES)
	for word in "-2, -ENOENT" "-12, -ENOMEM" "-13, -EACCES" "-14, -EFAULT" "-16, -EBUSY" \
		present moved "already there" "in a larger unit" "to move" "to be split" "not selected" "not present" gone \
		"no room" shared excluded "not mapped" "not movable" busy "not visible" "not reached"; do
		grep -qE "(^ +|: |, )$word" <<<"$text" || fail "no $word"
	done
}

# diagnostics: the messages of that section, one per line.
diagnostics() {
	awk '/^\.SH/ { inside = /DIAGNOSTICS/ }
		inside && before ~ /^\.T[PQ]$/ { print substr($0, 5, length - 5) }
		{ before = $0 }' "$PAGES/numapages.7" | sed "s/\\\\-/-/g; s/\\\\(aq/'/g"
}

# A string literal may consist of several pieces, on several lines.
@test "the messages of numapages(7) are those of the program" {
	local texts message n=0
	texts=$(cat "$TOP"/src/*/*.c | tr -d '\n' | sed -E 's/"[[:blank:]]*"//g')
	while read -r message; do
		[[ $texts == *"$message"* ]] || fail "no message '$message'"
		n=$((n + 1))
	done < <(diagnostics)
	assert [ $n -ge 30 ]
}

# causes: the texts that tests/cli/reasons.bats and tests/nodes/reasons.bats expect in messages.
causes() {
	sed -nE 's/^(@test .* \{ |\t)reason [a-z_0-9]+ 1 "([^"]*)".*/\2/p' "$TOP"/tests/*/reasons.bats
}

@test "numapages(7) has every cause that is tested" {
	local cause message found n=0
	while read -r cause; do
		found=
		while read -r message; do
			[[ $cause != *"$message"* && $message != *"$cause"* ]] || found=1
		done < <(diagnostics)
		[[ $found ]] || fail "not in numapages(7): $cause"
		n=$((n + 1))
	done < <(causes)
	assert [ $n -ge 18 ]
}

# The commands of the examples, with the PID of a process that has just exited, and without the
# pipes that follow; PIDs from a pipe are replaced by that PID, too.
example_commands() {
	local pid
	bash -c : & pid=$!
	wait "$pid"
	awk '/^\.EX/, /^\.EE/' "$PAGES/$1.8" | grep -v '^\.E' |
		sed -E "s/\\\\\(aq/'/g; s/\\\\\(dq/\"/g; s/\\\\-/-/g
			s/^pgrep [^|]* \| ([a-z]+) - /\1 1234 /; s/ \|.*//
			s/\\$\(pgrep [^)]*\)/1234/; s/1234|5678/$pid/g"
}

# examples_parse COMMAND: each is valid, and fails for lack of the process or the file or, on a
# smaller machine, of the nodes.
examples_parse() {
	local line n=0
	while read -r line; do
		[[ $line == "$1 "* ]] || fail "the example '$line' is not a call of $1"
		if [[ $line == "movepages --sort="* ]]; then
			run -0 --separate-stderr bash -c "$line" <&-
			continue
		fi
		run -1 --separate-stderr bash -c "$line" <&-
		assert_regex "$stderr" 'no such process$|usable nodes?: [0-9,-]+$|no such cgroup: |no active unit: |no process is named |^[^ ]* /root/placement: No such file'
		n=$((n + 1))
	done < <(example_commands "$1")
	assert [ $n -ge 7 ]
}

@test "migratepages: the examples of the manual page are valid" { examples_parse migratepages; }
@test "movepages: the examples of the manual page are valid" { examples_parse movepages; }

# references FILE: the relative links and the paths in backquotes that end in a slash.
references() {
	grep -oE '\]\([^)#:]+\)|`[a-z./-]+/`' "$1" | tr -d '](`)' | sort -u
}

@test "the files that README.md refers to exist" {
	local path n=0
	[[ -d $TOP/src ]] || skip "not a complete source tree"
	for path in $(references "$TOP/README.md"); do
		[[ $path == build/* || -e $TOP/$path ]] || fail "no $path"
		n=$((n + 1))
	done
	assert [ $n -ge 3 ]
}

@test "the tour uses only options that README.md has" {
	local option n=0
	[[ -d $TOP/src ]] || skip "not a complete source tree"
	for option in $(sed -n 's/^# [mp].*pages //p' "$TOP/doc/tour.md" | grep -oE -- '(^| )--?[a-z-]+' | sort -u); do
		grep -qE -- "[ \`]$option([ =\`]|\$)" "$TOP/README.md" ||
			fail "README.md does not have $option"
		n=$((n + 1))
	done
	assert [ $n -ge 4 ]
}
