#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC1003,SC2154
#
# Every byte that the name of a process or of a mapped file can hold: none of them reaches
# a terminal as it is, and each can be read back.

load ../lib/helper

# names: the bytes 1 to 255 but for the slash, 14 to a name, and names that are made to
# deceive, as printf writes them, one a line.
names() {
	local byte name=
	for ((byte = 1; byte < 256; byte++)); do
		((byte != 47)) || continue
		name+=$(printf '\\%03o' "$byte")
		((${#name} < 56)) || { echo "$name"; name=; }
	done
	echo "$name"
	printf '%s\n' '\033]0;owned\007' '\033[2J\033[H' '\302\2331m' '\033P\033\\' \
		'a\012process 1' 'x\015y' '","pid":1,"' '\134033[31m' '\303\244\342\202\254' '%%s%%n' \
		') R 1 1 1' '\355\240\200\300\200'
}

# unescaped: standard input without the \ooo of tables; of \012 in paths, see below.
unescaped() {
	printf '%b' "$(sed 's/\\\([0-7]\{3\}\)/\\0\1/g')"
}

# assert_plain WHAT: no byte of $output and $stderr is other than printable ASCII.
assert_plain() {
	! LC_ALL=C grep -n '[^ -~]' <<<"$output${stderr:-}" | cat -v | grep . ||
		fail "$1 has such a byte"
}

# as_json NAME: how JSON has it: every byte that is no part of a character is U+FFFD.
as_json() {
	python3 -c '
import sys
rest, text = sys.stdin.buffer.read()[:-1], ""
while rest:
    for n in (1, 2, 3, 4):
        try:
            text += rest[:n].decode("utf-8")
            break
        except UnicodeDecodeError:
            pass
    else:
        text, n = text + "\ufffd", 1
    rest = rest[n:]
sys.stdout.buffer.write(text.encode("utf-8"))' <<<"$1"
}

# every_form PID: the commands that print names, all of them plain.
every_form() {
	local arguments
	for arguments in "" --map "--map --color=never" "--raw -o COMM,NAME" "-o +COMM" --json; do
		# shellcheck disable=SC2086
		run -0 --separate-stderr movepages $arguments "$1"
		assert_plain "movepages $arguments"
	done
	run -0 --separate-stderr movepages --pages "$1"
	assert_plain "movepages --pages"
	run -0 --separate-stderr migratepages -v "$1" 0 0
	assert_plain "migratepages -v"
	run -0 script -qec "migratepages $1 0 0" /dev/null
	output=${output//$'\r'/}
	assert_plain "the summary"
	run -64 --separate-stderr migratepages -v --timeout=0.000001 "$1" 0 0
	assert_plain "an error"
}

@test "a process may have any name" {
	local rows row name shown
	mapfile -t rows < <(names)
	assert [ ${#rows[@]} -ge 30 ]
	for row in "${rows[@]}"; do
		# shellcheck disable=SC2059
		printf -v name "$row"
		victim_start name="$name" anon=4K
		every_form "$VICTIM_PID"
		run -0 movepages --json "$VICTIM_PID"
		assert_equal "$(json .name)" "$(as_json "$name")"
		run -0 movepages "$VICTIM_PID"
		shown=${lines[0]#"process $VICTIM_PID ("}
		assert_equal "$(unescaped <<<"${shown%)}" | od -c)" "$(printf '%s' "$name" | od -c)"
		victim_stop
	done
}

# The kernel writes a newline in a path as \012, and does not escape a backslash.
@test "a mapped file may have any name" {
	local rows row name path shown
	mapfile -t rows < <(names)
	assert [ ${#rows[@]} -ge 30 ]
	for row in "${rows[@]}"; do
		# shellcheck disable=SC2059
		printf -v name "$row"
		path=$BATS_TEST_TMPDIR/$name
		victim_start path="$path" file=8K
		every_form "$VICTIM_PID"
		path=${path//$'\n'/\\012}
		run -0 movepages --json "$VICTIM_PID"
		assert_equal "$(json '.mappings[] | select(.permissions == "rw-s") | .name')" \
			"$(as_json "$path")"
		run -0 movepages "$VICTIM_PID" "$(range file)"
		shown=$(sed -n "s/^$(mapping file | cut -d ' ' -f 1) file[-0-9K ]*//p" <<<"$output")
		assert_equal "$(unescaped <<<"$shown" | od -c)" "$(printf '%s' "$path" | od -c)"
		victim_stop
	done
}
