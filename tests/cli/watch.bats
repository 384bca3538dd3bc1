#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2154
#
# movepages --watch: on a terminal, which is afterwards as it was before, and in a pipe.

load ../lib/helper

setup() {
	victim_start node=0 anon=1M name=watched
	PID=$VICTIM_PID
}

# on_pty SIZE STEP... -- OPERAND...: movepages --watch on a terminal, see tests/lib/on-pty.py.
on_pty() {
	needs_terminal
	run -0 timeout 60 env TERM=xterm NO_COLOR=1 LC_ALL=C \
		python3 "$BATS_TEST_DIRNAME/../lib/on-pty.py" "$@"
}

@test "q ends a watch, on terminals of two sizes that change, and leaves them as they were" {
	local size
	for size in 24x80 50x132; do
		on_pty $size frame size=30x100 size=60x132 size=40x90 key=q -- movepages --watch=1h "$PID"
		assert_output "exit 0"$'\n'"as before"
	done
}

@test "Ctrl-C, and signals that end a watch, leave the terminal as it was" {
	on_pty 24x80 frame key=^C -- movepages --watch=1h "$PID"
	assert_output "signal 2"$'\n'"as before"
	on_pty 24x80 frame signal=SIGTERM -- movepages --watch=1h "$PID"
	assert_output "signal 15"$'\n'"as before"
	on_pty 24x80 frame signal=SIGHUP -- movepages --watch=1h "$PID"
	assert_output "signal 1"$'\n'"as before"
}

@test "a closed terminal ends a watch" {
	on_pty 24x80 frame close -- movepages --watch=1h "$PID"
	assert_output "signal 1"
}

@test "a stopped watch leaves the terminal as it was, and draws again when it continues" {
	on_pty 24x80 frame key=^Z stopped signal=SIGCONT frame key=q -- movepages --watch=0.1 "$PID"
	assert_output "stopped, as before"$'\n'"exit 0"$'\n'"as before"
}

@test "a frame fits the screen, and shows what has come since the one before" {
	victim_fork 12
	on_pty 12x80 frame show key=q -- movepages --watch=1h --kind=anon --tree "$PID"
	assert_line --regexp "^ +change +-"
	assert_line --index 10 --regexp "^ +free +[0-9]"
	assert_line --index 11 "every 60 min, q quits"
	on_pty 24x80 frame show key=q -- movepages --watch=1h --map "$PID"
	assert_line --regexp "^0 node 0 .* 100.0% +- 0"
	on_pty 6x80 frame show key=q -- movepages --watch=1h --mappings "$PID"
	assert_equal "${#lines[@]}" 8
	assert_line --index 5 --partial "q quits"
}

@test "a watch does not list itself" {
	on_pty 60x80 frame show key=q -- movepages --watch=1h --tree $$
	assert_line --partial " python3 "
	refute_line --partial " movepages "
}

@test "an end of all watched processes ends the watch with the message" {
	local pid
	pid=$(gone)
	on_pty 24x80 -- movepages --watch "$pid"
	assert_output "exit 1"$'\n'"as before"
	run -1 script -qec "stty rows 24 cols 80; TERM=xterm movepages --watch $pid" /dev/null
	assert_output "movepages: process $pid: no such process"$'\r'
}

@test "in a pipe, one table follows the other, with changes" {
	local line tables=0
	mkfifo "$BATS_TEST_TMPDIR/out"
	movepages --watch=0.1 -b "$PID" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/errors" 3>&- &
	exec {out}<"$BATS_TEST_TMPDIR/out"
	while read -r line <&"$out"; do
		[[ $line != "watched ($PID): "* ]] || tables=$((tables + 1))
		[[ $line != "change "* || $tables != 1 ]] || assert_regex "$line" "^change( +-)+$"
		[[ $line != "change "* || $tables != 1 ]] || victim_ask touch 4M
		[[ $line != "change "*" +"[1-9]* ]] || break
	done
	assert [ "$tables" -ge 2 ]
	exec {out}<&-
	wait $! || assert_equal $? 141
	assert_equal "$(<"$BATS_TEST_TMPDIR/errors")" ""
}

@test "a watch in a pipe ends with the processes" {
	local status=0
	movepages --watch=0.1 "$PID" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/errors" 3>&- &
	until grep -q change "$BATS_TEST_TMPDIR/out"; do :; done
	victim_kill "$PID"
	wait $! || status=$?
	assert_equal "$status" 1
	assert_equal "$(<"$BATS_TEST_TMPDIR/errors")" "movepages: process $PID: no such process"
}

@test "an interval is a time of at least 0.1 s" {
	run -1 --separate-stderr movepages --watch=0.09 "$PID"
	assert_equal "${stderr_lines[0]}" "movepages: invalid --watch argument '0.09': shorter than 0.1 s"
}
