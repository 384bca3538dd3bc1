#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2154
#
# The examples of doc/fleet.md and doc/examples/, verbatim except for the paths of commands and
# files, and the name of the process.

load ../lib/helper

DOC=$BATS_TEST_DIRNAME/../../doc
EXAMPLES=$DOC/examples

setup() {
	BIN=$(command -v migratepages)
	BIN=${BIN%/*}
	NAME=redis$BASHPID
	victim_start name="$NAME" node=0 anon=64K shm=128K
	PID=$VICTIM_PID
}

# here: adapt the example on standard input to this machine.
here() {
	sed "s|/usr/local/bin|$BIN|g; s|redis-server|$NAME|g; s|/run/lock|$BATS_TEST_TMPDIR|g
		s|/var/lib/prometheus/node-exporter|$BATS_TEST_TMPDIR|g"
}

# example NAME: print the example with this name.
example() {
	awk -v line="<!-- example: $1 -->" '
		$0 == line { inside = 1; next }
		inside && /^    / { print substr($0, 5); seen = 1; next }
		seen { exit }
		END { exit !seen }' "$DOC/fleet.md" || fail "no example $1"
}

# runs STATUS EXAMPLE [SED-SCRIPT]: it exits with that status.
runs() {
	local line
	line=$(example "$2" | here | sed -E "${3:-}")
	run "-$1" --separate-stderr bash -c "$line"
}

# as_cron STATUS: the line of the crontab, run like cron does, exits with that status.
as_cron() {
	local line
	line=$(example crontab | here | cut -d ' ' -f 7-)
	run "-$1" --separate-stderr env -i PATH=/usr/bin:/bin SHELL=/bin/sh /bin/sh -c "$line"
}

@test "crontab: no output and exit status 0" {
	assert_regex "$(example crontab)" '^([^ ]+ ){5}root [^%]*/usr/local/bin/migratepages '
	as_cron 0
	assert_equal "$output$stderr" ""
}

@test "crontab: no second run starts while one is in progress" {
	local lock
	exec {lock}>"$BATS_TEST_TMPDIR/numapages"
	flock -n "$lock"
	BIN=/nowhere as_cron 0
	exec {lock}>&-
	BIN=/nowhere as_cron 69
}

@test "crontab: without such a process, nothing is run" {
	victim_stop
	BIN=/nowhere as_cron 1
	assert_equal "$output$stderr" ""
}

@test "systemd: the units are well formed" {
	cp "$EXAMPLES"/numapages-redis.{service,timer} "$BATS_TEST_TMPDIR"
	run -0 systemd-analyze verify --man=no "$BATS_TEST_TMPDIR"/numapages-redis.{service,timer}
	refute_output --partial numapages
	echo Typo=1 >>"$BATS_TEST_TMPDIR/numapages-redis.service"
	run systemd-analyze verify --man=no "$BATS_TEST_TMPDIR/numapages-redis.service"
	assert_output --partial Typo
}

@test "systemd: the filter of the service contains the calls that move pages" {
	local filter
	filter=$(sed -n 's/^SystemCallFilter=//p' "$EXAMPLES/numapages-redis.service")
	assert_regex "$(systemd-analyze syscall-filter "$filter")" "@resources"
	assert_regex "$(systemd-analyze syscall-filter @resources)" "migrate_pages.*move_pages"
}

# unit SETTING: print a setting of the service, as a command.
unit() {
	sed -n "s/^$1=//p" "$EXAMPLES/numapages-redis.service" | sed 's/\$\$/$/g' | here
}

@test "systemd: the command of the service works with its capabilities" {
	local bounding
	bounding=$(sed -n 's/^CapabilityBoundingSet=CAP_//p' "$EXAMPLES/numapages-redis.service" |
		sed 's/ CAP_/,+/g' | tr '[:upper:]' '[:lower:]')
	((EUID == 0)) || bounding=
	run -0 --separate-stderr ${bounding:+setpriv --bounding-set=-all,+$bounding} \
		bash -c "$(unit ExecStart)"
	assert_equal "$output$stderr" ""
	run -0 bash -c "$(unit ExecCondition)"
	victim_stop
	run -1 bash -c "$(unit ExecCondition)"
}

# The exec worker runs the command here, once for each host; pdsh's does so without a shell.
on_exec="s/^clush /clush -R exec /; s/^pdsh (.*) -S '/pdsh -R exec \\1 -S sh -c '/"

@test "clush: a check that holds is silent" {
	runs 0 clush-check "$on_exec"
	assert_equal "$output$stderr" ""
}

@test "clush: a check that does not hold gives its status" {
	runs 3 clush-check "$on_exec; s/--at-least=0:95/--at-most=0:5/"
}

# other_shape LINE: its output for another process of the same shape.
other_shape() {
	victim_start name=other node=0 anon=64K shm=128K
	bash -c "$(sed -E "s/.*'(.*)'.*/\1/" <<<"$1" | sed "s/$NAME/other/")"
}

# folds EXAMPLE: three hosts are folded into one block, and another process of the same shape,
# with another PID and other addresses, has the same output.
folds() {
	local line
	line=$(example "$1" | here)
	runs 0 "$1" "$on_exec"
	assert_equal "$stderr" ""
	assert_line --regexp '^db\[1-3\]( \(3\))?$'
	assert_equal "$(grep -c ^db <<<"$output")" 1
	assert_equal "$(sed '1,/db/d; /^---/d' <<<"$output")" "$(other_shape "$line")"
}

@test "clush: tables of processes of the same shape are folded" { folds clush-table; }
@test "clush: the output of jq is folded" { folds clush-jq; }
@test "clush: tables of dry runs are folded" { folds clush-dry-run; }
@test "pdsh: tables are folded" { folds pdsh; }

# shm_of PID: the table of its shared memory, without the PID and the addresses.
shm_of() {
	run -0 movepages --mappings --kind=shm "$1"
	sed -E "s/ \($1\): / (PID): /; s/^[0-9a-f]{12} /ADDRESS /" <<<"$output"
}

@test "tables of processes of the same shape differ in PID and addresses only" {
	local first
	first=$(shm_of "$PID")
	victim_start name="$NAME" node=0 anon=64K shm=128K
	assert_equal "$(shm_of "$VICTIM_PID")" "$first"
}

# metrics: write the metrics to $FILE.
metrics() {
	FILE=$BATS_TEST_TMPDIR/redis.prom
	runs "$1" textfile "s|^|MOVEPAGES=$BIN/movepages $EXAMPLES/|"
}

# samples: the metrics of $FILE, as read by the client library of Prometheus, which Debian
# installs for its own Python.
samples() {
	/usr/bin/python3 -c '
from prometheus_client.parser import text_string_to_metric_families as families
import sys
for family in families(sys.stdin.read()):
    assert family.documentation and family.type == "gauge", family
    for s in family.samples:
        print(s.name, *(f"{k}={v}" for k, v in s.labels.items()), int(s.value))' <"$FILE"
}

# without_sizes: remove sizes and other properties of this machine.
without_sizes() {
	sed -E '/node="[1-9]/d; s/(node="0"\}) [0-9]+/\1/'
}

@test "textfile: the metrics are those of the page" {
	metrics 0
	assert_equal "$(without_sizes <"$FILE")" "$(example metrics | here | without_sizes)"
	assert_equal "$(samples | sed '/node=[1-9]/d')" \
		"numapages_processes name=$NAME 1
numapages_exit_status name=$NAME 0
numapages_resident_bytes name=$NAME node=0 $(movepages --json "$PID" | jq '.processes[0].total["0"]')"
	assert_equal "$(stat -c %a "$FILE")" 644
	assert_equal "$(find "$BATS_TEST_TMPDIR" -name '*prom*' -o -name '.numapages*')" "$FILE"
}

@test "textfile: the sum of several processes, 0 without any" {
	victim_start name="$NAME" node=0 anon=64K
	metrics 0
	run -0 samples
	assert_line "numapages_processes name=$NAME 2"
	victim_stop
	metrics 0
	run -0 samples
	assert_output "numapages_processes name=$NAME 0
numapages_exit_status name=$NAME 0"
}

@test "textfile: the old file is kept until the new one is complete" {
	metrics 0
	printf '%s\n' '#!/bin/sh' 'exit 1' >"$BATS_TEST_TMPDIR/jq"
	chmod +x "$BATS_TEST_TMPDIR/jq"
	cp "$FILE" "$BATS_TEST_TMPDIR/old"
	PATH=$BATS_TEST_TMPDIR:$PATH metrics 1
	assert_equal "$(<"$FILE")" "$(<"$BATS_TEST_TMPDIR/old")"
	assert_equal "$(find "$BATS_TEST_TMPDIR" -name '.numapages*')" ""
}

# play_says HOST=RESULT...: the results of the play on these hosts, each with its own migratepages
# in $BATS_TEST_TMPDIR.
play_says() {
	local hosts
	hosts=$(printf '%s,' "${@%%=*}")
	here <"$EXAMPLES/numapages-redis.yml" >"$BATS_TEST_TMPDIR/play.yml"
	run --separate-stderr env ANSIBLE_STDOUT_CALLBACK=oneline \
		ANSIBLE_HOME="$BATS_TEST_TMPDIR/ansible" LC_ALL=C.UTF-8 \
		ansible-playbook -c local -i "$hosts" -e ansible_python_interpreter=/usr/bin/python3 \
		-e "migratepages=$BATS_TEST_TMPDIR/{{ inventory_hostname }}" ${CHECK:+--check} \
		"$BATS_TEST_TMPDIR/play.yml"
	assert_equal "$(sed -nE 's/^([a-z]+) \| ([A-Z]+).*/\1=\2/p' <<<"$output" | sort)" \
		"$(printf '%s\n' "$@" | sort)"
}

# stub HOST STATUS FILTER: create a migratepages that prints the real document, filtered.
stub() {
	printf '#!/bin/sh\n%s "$@" | jq "%s"\nexit %s\n' "$BIN/migratepages" "$3" "$2" \
		>"$BATS_TEST_TMPDIR/$1"
	chmod +x "$BATS_TEST_TMPDIR/$1"
}

@test "ansible: changed if bytes were moved, failed unless the status is 0 or 64" {
	ln -s "$BIN/migratepages" "$BATS_TEST_TMPDIR/real"
	stub moved 0 '.processes[].account.moved.bytes = 4096'
	stub partial 64 '.processes[].account.moved.bytes = 4096'
	stub left 64 '.'
	stub refused 1 '.processes = []'
	stub silent 1 'empty'
	play_says real=SUCCESS moved=CHANGED partial=CHANGED left=SUCCESS refused=FAILED \
		silent=FAILED
}

@test "ansible: check mode is a dry run, and reports changes" {
	stub real 0 '.'
	stub dry 0 'if .processes[0].dry_run then .processes[].account.would_move.bytes = 1 else . end'
	CHECK=1 play_says real=SUCCESS dry=CHANGED
}
