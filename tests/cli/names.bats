#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC1003,SC2154
#
# Every byte that the name of a process or of a mapped file can have: none reaches a terminal
# unescaped, and each can be read back.

load ../lib/helper

# names: the bytes 1 to 255 except the slash, 14 per name, and deceptive names; as printf writes
# them, one per line.
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

setup() {
	local row name
	all=()
	while read -r row; do
		# shellcheck disable=SC2059
		printf -v name "$row"
		all+=("$name")
	done < <(names)
	assert [ ${#all[@]} -ge 30 ]
}

# bytes_of TEXT...: its bytes in hexadecimal, one text per line.
bytes_of() {
	python3 -c '
import os, sys
for text in sys.argv[1:]:
    print(os.fsencode(text).hex())' "$@"
}

# unescaped_bytes_of TEXT...: likewise, with \ooo read as a byte.
unescaped_bytes_of() {
	python3 -c '
import os, re, sys
for text in sys.argv[1:]:
    print(re.sub(rb"\\([0-7]{3})", lambda m: bytes([int(m[1], 8)]), os.fsencode(text)).hex())' "$@"
}

# characters_of: bytes in hexadecimal, one text per line, as in JSON: every byte that is not part
# of a character is U+FFFD.
characters_of() {
	python3 -c '
import sys
for line in sys.stdin:
    rest, text = bytes.fromhex(line), ""
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
    print(text.encode("utf-8").hex())'
}

# strings FILTER: the pairs that it selects in the JSON in $output, one per line: the key, and the
# string in hexadecimal.
strings() {
	jq -c "$1" <<<"$output" | python3 -c '
import json, sys
for line in sys.stdin:
    key, text = json.loads(line)
    print(key, text.encode("utf-8").hex())'
}

# assert_plain WHAT: $output and $stderr are printable ASCII.
assert_plain() {
	! LC_ALL=C grep -n '[^ -~]' <<<"$output${stderr:-}" | cat -v | grep . ||
		fail "$1 has such a byte"
}

# every_form PIDS: run all commands that print names; their output is plain.
every_form() {
	local arguments
	for arguments in "" --mappings --map "--map --color=never" \
		"--mappings --raw -o COMM,NAME" "--mappings -o +COMM" --json "--mappings --json"; do
		# shellcheck disable=SC2086
		run -0 --separate-stderr movepages $arguments "$1"
		assert_plain "movepages $arguments"
	done
	run -0 --separate-stderr movepages --pages "$1"
	assert_plain "movepages --pages"
	run -0 --separate-stderr migratepages -v "$1" 0 0
	assert_plain "migratepages -v"
	run -64 --separate-stderr migratepages -v --timeout=0.000001 "$1" 0 0
	assert_plain "an error"
}

# victims_start: start a victim for each name; set pids, separated by commas, in this order.
victims_start() {
	local name
	pids=
	for name in "${all[@]}"; do
		victim_start name="$name" anon=4K
		pids+=${pids:+,}$VICTIM_PID
	done
}

# in_order KEY,...: the lines that begin with these keys, in that order, without the keys.
in_order() {
	awk -v keys="$1" '{ key = $1; sub(/^[^ ]+ /, ""); text[key] = $0 }
		END { n = split(keys, all, ","); for (i = 1; i <= n; i++) print text[all[i]] }'
}

@test "a process may have any name" {
	local pids expected shown
	victims_start
	expected=$(bytes_of "${all[@]}")
	every_form "$pids"
	run -0 --separate-stderr movepages --json "$pids"
	assert_equal "$(strings '.processes[] | [.pid, .name]' | in_order "$pids")" \
		"$(characters_of <<<"$expected")"
	run -0 --separate-stderr movepages --mappings "$pids"
	mapfile -t shown < <(sed -nE 's/^(.*) \(([0-9]+)\): [0-9.]+[KM] in memory.*/\2 \1/p' \
		<<<"$output" | in_order "$pids")
	assert_equal "$(unescaped_bytes_of "${shown[@]}")" "$expected"
}

@test "on a terminal, a process may have any name" {
	local pids
	needs_terminal
	victims_start
	run -0 script -qec "migratepages $pids 0 0" /dev/null
	output=${output//$'\r'/}
	assert_plain "the summary"
}

# In paths, the kernel escapes a newline as \012, but not a backslash.
@test "a mapped file may have any name" {
	local name starts operands=() paths=() expected shown
	for name in "${all[@]}"; do
		operands+=(path="$BATS_TEST_TMPDIR/$name" file=8K)
		paths+=("$BATS_TEST_TMPDIR/${name//$'\n'/\\012}")
	done
	victim_start "${operands[@]}"
	starts=$(cut -d ' ' -f 2 <<<"${VICTIM_MAPPINGS[$VICTIM_PID]%$'\n'}" | paste -sd ,)
	expected=$(bytes_of "${paths[@]}")
	every_form "$VICTIM_PID"
	run -0 movepages --mappings --json "$VICTIM_PID"
	assert_equal "$(strings '.processes[].mappings[] |
			select(.permissions == "rw-s") | [.start, .name]' | sed 's/^0x//' |
			in_order "$starts")" "$(characters_of <<<"$expected")"
	run -0 movepages --mappings --kind=file "$VICTIM_PID"
	mapfile -t shown < <(sed -nE 's/^([0-9a-f]+) file[-0-9K ]* /\1 /p' <<<"$output" |
		in_order "$starts")
	assert_equal "$(unescaped_bytes_of "${shown[@]}")" "$expected"
}
