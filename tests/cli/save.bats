#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2154
#
# --save and --restore: files of one process and of several, and files that are refused.

load ../lib/helper

setup() {
	victim_start node=0 anon=256K shm=64K
	PID=$VICTIM_PID
	DIR=$BATS_TEST_TMPDIR/dir
	SAVED=$DIR/saved
	mkdir "$DIR"
}

save() {
	run -0 --separate-stderr movepages --save="$SAVED" "$PID"
	assert_equal "$output$stderr" ""
}

# refuses TEXT OPTION...: the command prints this line, and creates no file in the directory.
refuses() {
	local before
	before=$(ls -lA "$DIR")
	run -1 --separate-stderr movepages "${@:2}" "$PID"
	assert_output ""
	assert_equal "$stderr" "movepages: $1"
	assert_equal "$(ls -lA "$DIR")" "$before"
}

# edited SED TEXT: the saved file, edited by SED, is refused.
edited() {
	rm -f "$SAVED"
	save
	sed -i "$1" "$SAVED"
	refuses "$SAVED$2" --restore="$SAVED"
}

@test "a saved placement has its process and all of its pages" {
	local bytes
	save
	assert_equal "$(stat -c %a "$SAVED")" 600
	assert_equal "$(sed -n '1p; 3s/ [0-9]* [0-9]*:.*//p' "$SAVED")" \
		$'# movepages placement 2\n# process '"$PID"
	assert_equal "$(tail -n 1 "$SAVED")" "# end $(grep -cE '^[0-9a-f]|process' "$SAVED")"
	bytes=$(sed -n 's/=0$//p' "$SAVED" | while IFS=- read -r start end; do
		echo $((16#$end - 16#$start))
	done | paste -s -d +)
	run -0 movepages --json "$PID"
	assert_equal "$((bytes))" "$(json '.total["0"]')"
}

@test "adjacent pages on one node share a line" {
	run -0 movepages --save="$SAVED" "$PID" "$(range anon)"
	assert_equal "$(grep -v '^#' "$SAVED")" "$(range anon)=0"
}

@test "restoring a placement right away finds all pages in place" {
	save
	run -0 --separate-stderr movepages --json --restore="$SAVED" "$PID"
	assert_account moved=0 gone=0 left=0
	assert_equal "$(account already_there)" \
		"$(output=$(movepages --json "$PID"); json '.total | add')"
	assert_intact
}

@test "--pages-from reads a saved placement" {
	save
	run -0 --separate-stderr movepages --pages-from="$SAVED" --json "$PID"
	assert_account moved=0 left=0
}

@test "freed pages are counted as gone" {
	save
	assert_equal "$(victim_ask unmap shm)" "unmapped 1"
	run -0 --separate-stderr movepages --json --restore="$SAVED" "$PID"
	assert_account gone=65536
}

@test "--save saves the pages that --kind and PAGES select" {
	run -0 movepages --save="$SAVED" --kind=shm "$PID"
	assert_equal "$(grep -v '^#' "$SAVED")" "$(range shm)=0"
}

@test "--save replaces saved placements and empty files only" {
	save
	save
	: >"$SAVED"
	save
	echo "precious" >"$SAVED"
	refuses "$SAVED: file exists and is not a saved placement" \
		--save="$SAVED"
	rm "$SAVED"
	ln -s /etc/passwd "$SAVED"
	refuses "$SAVED: file exists and is not a regular file" --save="$SAVED"
	refuses "$DIR: file exists and is not a regular file" --save="$DIR"
	refuses "/dev/null: file exists and is not a regular file" --save=/dev/null
}

@test "a placement that cannot be written leaves no file" {
	refuses "/no/such/saved: No such file or directory" --save=/no/such/saved
	refuses "$SAVED/: Is a directory" --save="$SAVED/"
	refuses ": No such file or directory" --save=
	victim_start node=0 hole=1M
	run -1 --separate-stderr bash -c "ulimit -f 1; trap '' XFSZ
		exec movepages --save=$SAVED $VICTIM_PID"
	assert_equal "$stderr" "movepages: $SAVED: File too large; not saved"
	assert_equal "$(ls -A "$DIR")" ""
}

@test "a placement that is incomplete at the time limit is not saved" {
	run -64 --separate-stderr movepages --timeout=0.000000001 --save="$SAVED" "$PID"
	assert_equal "$(ls -A "$DIR")" ""
}

@test "files of other processes, boots and programs, and of reused PIDs, are refused" {
	local it="process $PID:"
	edited '2s/.*/# boot x/' ": was saved before the last reboot: its processes have exited"
	rm "$SAVED"
	save
	sed -i "3s/ $PID / 1 /" "$SAVED"
	refuses "$it not in the saved placement" --restore="$SAVED"
	refuse_id 4 1 "the saved process has exited; another process has its PID now"
	refuse_id 6 2 "cannot be restored: it ran .* when saved, and another program now"
	refuse_id 7 1 "cannot be restored: it has called execve(2) since it was saved"
}

# refuse_id FIELD VALUE TEXT: the file is refused with this value in the line of the process.
refuse_id() {
	rm "$SAVED"
	save
	awk -v field="$1" -v value="$2" 'NR == 3 { $field = value } { print }' "$SAVED" \
		>"$DIR.new"
	cp "$DIR.new" "$SAVED"
	run -1 --separate-stderr movepages --restore="$SAVED" "$PID"
	assert_regex "$stderr" "^movepages: process $PID: ${3//[()]/.}$"
}

@test "a process that called execve(2) is refused" {
	save
	assert_equal "$(victim_ask exec)" "ready $PID"
	run -1 --separate-stderr movepages --restore="$SAVED"
	assert_regex "$stderr" "^movepages: process $PID: cannot be restored: it has called execve\(2\)"
}

@test "files that are not a complete saved placement are refused" {
	local n
	save
	n=$(grep -c . "$SAVED")
	edited '1d' ":1: this is not a saved placement"
	edited '1s/2$/1/' ":1: unsupported placement file version"
	edited '2d' ":2: boot line is missing"
	edited '3d' ":3: pages before the first process line"
	edited \$d ": saved placement is truncated: last line is missing"
	edited '4d' ":$((n - 1)): line count does not match (damaged file?)"
	edited '4s/=.*//' ":4: line is not START-END=NODE"
	edited '3p' ":4: process appears twice"
	edited "3s/ $PID / 4294967297 /" ":3: invalid PID"
	printf '%s\n# end 0\n' "$(sed 2q "$SAVED")" >"$DIR.new"
	cp "$DIR.new" "$SAVED"
	refuses "$SAVED: contains no process" --restore="$SAVED"
	: >"$SAVED"
	refuses "$SAVED: saved placement is truncated: last line is missing" \
		--restore="$SAVED"
	refuses "/dev/null: is not a regular file" --restore=/dev/null
	refuses "$DIR: is not a regular file" --restore="$DIR"
	refuses "/no/such: No such file or directory" --restore=/no/such
}

# repeats FILE: whether $output or $stderr has eight consecutive characters of FILE.
repeats() {
	SAID="$output $stderr" awk '
		{ for (i = 1; i + 7 <= length; i++)
			if (index(ENVIRON["SAID"], substr($0, i, 8))) {
				print substr($0, i, 8)
				found = 1
			} }
		END { exit !found }' "$1"
}

@test "messages quote no content of a file given by mistake" {
	local secret=$DIR.secret file line options
	save
	# Base64 text, printable characters, digits; and a file that is almost a list.
	{
		head -c 3000 /dev/urandom | base64 -w 60
		head -c 9000 /dev/urandom | tr -dc '[:graph:]' | fold -w 50 | sed 's/^#/x/'
		echo
		head -c 300 /dev/urandom | od -An -v -tx1 -w30 | tr -d ' '
		printf '%s\n' 0123456789-0123456abc "$(range anon)=123456789" 123456789abcdefghi
	} >"$secret"
	assert [ "$(wc -l <"$secret")" -gt 100 ]
	for options in "--restore=$secret" "--pages-from=$secret $PID" -; do
		# shellcheck disable=SC2086
		run -1 --separate-stderr movepages $options <"$secret"
		assert_regex "$stderr" "^movepages: [^ ]*( input)?:1: "
		run -1 repeats "$secret"
	done
	while IFS= read -r line; do
		printf '%s\n' "$line" >"$DIR.first"
		{ sed 3q "$SAVED" && printf '%s\n' "$line"; } >"$DIR.later"
		for options in "--restore=$DIR.first" "--restore=$DIR.later" \
			"--pages-from=$DIR.first $PID" "--pages-from=$DIR.later $PID" -; do
			# shellcheck disable=SC2086
			run -1 --separate-stderr movepages $options <"$DIR.first"
			assert_regex "${stderr_lines[-1]}" "^movepages: [^ ]*( input)?:([14]:)? "
			run -1 repeats "$secret"
		done
	done < <(shuf -n 12 "$secret" && tail -n 3 "$secret")
}

@test "a file with a node that does not exist is not restored at all" {
	save
	sed -i '$d' "$SAVED"
	echo "$(range anon)=1000" >>"$SAVED"
	echo "# end $(grep -cE '^[0-9a-f]|process' "$SAVED")" >>"$SAVED"
	run -1 --separate-stderr traced move_pages movepages --restore="$SAVED" "$PID"
	assert_regex "$stderr" "$SAVED:[0-9]+: '1000' \(at [0-9]+\) is not a node of this machine"
	run ! grep move_pages "$BATS_TEST_TMPDIR/trace"
}

# stop_at CALL[:when=N] COMMAND...: stop the command after this system call, with further
# INJECTIONS for strace(1).
stop_at() {
	: >"$DIR.trace"
	ASAN_OPTIONS=detect_leaks=0 strace -f -o "$DIR.trace" -e trace=all \
		-e inject="$1:signal=STOP" "${INJECTIONS[@]}" "${@:2}" \
		>"$DIR.out" 2>"$DIR.errors" 3>&- &
	STOPPED=$!
	until grep -q "stopped by SIGSTOP" "$DIR.trace"; do
		kill -0 "$STOPPED" || fail "it does not come to $1: $(<"$DIR.errors")"
	done
}

# go_on STATUS ERROR: continue the command; it exits with this status and one line.
go_on() {
	local status=0
	# Each of its threads stops, and one continues all.
	kill -CONT "$(sed -n '/stopped by SIGSTOP/ { s/ .*//p; q }' "$DIR.trace")"
	wait "$STOPPED" || status=$?
	assert_equal "$status: $(<"$DIR.errors")" "$1: $2"
	assert_equal "$(ls -A "$DIR")" saved
}

@test "a file created during the save is not replaced" {
	local INJECTIONS taken="file exists and is not a saved placement"
	# Also on a file system without the flags of renameat2(2), like NFS.
	for INJECTIONS in "" inject=renameat2:error=EINVAL; do
		INJECTIONS=(${INJECTIONS:+-e "$INJECTIONS"})
		stop_at fsync movepages --save="$SAVED" "$PID"
		echo precious >"$SAVED"
		go_on 1 "movepages: $SAVED: $taken; not saved"
		assert_equal "$(<"$SAVED")" precious
		rm "$SAVED"
		save
		stop_at fsync movepages --save="$SAVED" "$PID"
		echo precious >"$DIR.new"
		mv "$DIR.new" "$SAVED"
		go_on 1 "movepages: $SAVED: $taken; not saved"
		assert_equal "$(<"$SAVED")" precious
		rm "$SAVED"
		stop_at fsync movepages --save="$SAVED" "$PID"
		go_on 0 ""
		stop_at fsync movepages --save="$SAVED" "$PID"
		go_on 0 ""
		rm "$SAVED"
	done
}

@test "a file created at the last moment is not replaced" {
	local INJECTIONS=() nth
	save
	# Which openat(2) opens the file for the second time?
	run -0 traced openat movepages -j1 --save="$SAVED" "$PID"
	nth=$(awk '/openat\(/ { n++ } /"saved"/ && ++looks == 2 { print n }' \
		"$BATS_TEST_TMPDIR/trace")
	stop_at openat:when="$nth" movepages -j1 --save="$SAVED" "$PID"
	echo precious >"$DIR.new"
	mv "$DIR.new" "$SAVED"
	go_on 1 "movepages: $SAVED: file exists and is not a saved placement; not saved"
	assert_equal "$(<"$SAVED")" precious
}

@test "the file that was checked is the one that is restored" {
	local INJECTIONS=() change
	local changed="movepages: $SAVED: file changed during the restore; process $PID \
is only partly restored"
	save
	cp "$SAVED" "$DIR.whole"
	for change in \$d '8,$d' d '5s/=0/=00/' "3s/ $PID / 1 /" '3s/:/:1/'; do
		cp "$DIR.whole" "$SAVED"
		# The first pass reads the full file, the second one the part of the process.
		stop_at lseek:when=2 movepages --restore="$SAVED" -q "$PID"
		sed "$change" "$DIR.whole" | cat >"$SAVED"
		go_on 1 "$changed"
		cp "$DIR.whole" "$SAVED"
		stop_at lseek:when=1 movepages --restore="$SAVED" -q
		sed "$change" "$DIR.whole" | cat >"$SAVED"
		go_on 1 "$changed"
	done
	run ! grep "move_pages($PID," "$DIR.trace"
}

# family: start a victim with two children; set FAMILY to the PIDs, and SELECTED to the resident
# bytes counted in each: those of files count in the first process only.
family() {
	local child
	victim_fork 2 anon
	SELECTED=$(in_memory "$PID")
	for child in "${FAMILY[@]:1}"; do
		SELECTED+=" $(awk '/^Anonymous:/ { sum += $2 } END { print sum * 1024 }' "/proc/$child/smaps")"
	done
}

# in_memory PID: print its resident bytes.
in_memory() {
	movepages --json "$1" | jq '.total | add'
}

@test "a placement of several processes is saved and restored" {
	family
	run -0 --separate-stderr movepages --save="$SAVED" --tree "$PID"
	assert_equal "$output$stderr" ""
	assert_equal "$(sed -n 's/^# process \([0-9]*\) .*/\1/p' "$SAVED" | xargs)" "${FAMILY[*]}"
	run -0 --separate-stderr movepages --json --restore="$SAVED"
	assert_equal "$stderr" ""
	assert_account moved=0 gone=0 left=0
	assert_equal "$(jq -c '[.processes[].pid]' <<<"$output")" \
		"$(jq -nc '$ARGS.positional | map(tonumber)' --args "${FAMILY[@]}")"
	assert_equal "$(jq '.processes[].account.already_there.bytes' <<<"$output" | xargs)" "$SELECTED"
	run -0 --separate-stderr movepages --json --restore="$SAVED" "${FAMILY[2]}"
	assert_equal "$(json .pid)" "${FAMILY[2]}"
	run -0 --separate-stderr movepages --json --restore="$SAVED" - <<<"${FAMILY[1]}"
	assert_equal "$(json .pid)" "${FAMILY[1]}"
	run -64 --separate-stderr movepages --json --restore="$SAVED" "${FAMILY[1]},$$"
	assert_equal "$stderr" "movepages: process $$: not in the saved placement"
}

@test "a saved process that has exited is reported, and the others are restored" {
	family
	movepages --save="$SAVED" --tree "$PID"
	kill -KILL "${FAMILY[1]}"
	run -0 --separate-stderr movepages --json --restore="$SAVED"
	assert_regex "$stderr" "^movepages: process ${FAMILY[1]}: [^:]*(: [^:]*)?$"
	assert_equal "$(jq -c '[[.processes[].pid], [.vanished[].pid], .errors]' <<<"$output")" \
		"[[$PID,${FAMILY[2]}],[${FAMILY[1]}],[]]"
	# Another process with the same PID is not the saved one.
	sed -i "s/^\(# process ${FAMILY[2]} \)/\11/" "$SAVED"
	run -0 --separate-stderr movepages --json --restore="$SAVED"
	assert_equal "${stderr_lines[-1]}" \
		"movepages: process ${FAMILY[2]}: the saved process has exited; another process has its PID now"
	assert_equal "$(jq -c '[[.processes[].pid], [.vanished[].pid], .errors]' <<<"$output")" \
		"[[$PID],[${FAMILY[1]},${FAMILY[2]}],[]]"
	run -1 --separate-stderr movepages --json --restore="$SAVED" "${FAMILY[2]}"
}

@test "a saved process that called execve(2) is a failure, and the others are restored" {
	family
	movepages --save="$SAVED" --tree "$PID"
	assert_equal "$(victim_ask exec)" "ready $PID"
	run -64 --separate-stderr movepages --json --restore="$SAVED"
	assert_regex "$stderr" "^movepages: process $PID: cannot be restored: it has called execve\(2\)"
	assert_equal "$(jq -c '[[.processes[].pid], [.errors[].pid]]' <<<"$output")" \
		"[[${FAMILY[1]},${FAMILY[2]}],[$PID]]"
}

@test "--save with a destination, in both commands" {
	family
	run -0 --separate-stderr migratepages --save="$SAVED" --tree "$PID" 0 0
	assert_equal "$output$stderr" ""
	assert_equal "$(sed -n 's/^# process \([0-9]*\) .*/\1/p' "$SAVED" | xargs)" "${FAMILY[*]}"
	run -0 movepages --json --restore="$SAVED"
	assert_equal "$(jq '.processes[].account.already_there.bytes' <<<"$output" | xargs)" "$SELECTED"
	run -0 --separate-stderr movepages --save="$SAVED" --kind=shm --to=0 "$PID"
	assert_equal "$(grep -v '^#' "$SAVED")" "$(range shm)=0"
	run -0 --separate-stderr movepages --save="$SAVED" "$PID" "$(range anon)=0"
	assert_equal "$(grep -v '^#' "$SAVED")" "$(range anon)=0"
	run -0 --separate-stderr movepages --save="$SAVED" "$PID" "$(range anon)=0" "$(page shm 3)=0"
	assert_equal "$(grep -v '^#' "$SAVED")" "$(range anon)=0"$'\n'"$(page shm 3)-$(page shm 4)=0"
	# A list can be read only once, so all pages of the process are saved.
	run -0 --separate-stderr movepages --save="$SAVED" --pages-from=- "$PID" <<<"$(page anon 0)=0"
	run -0 movepages --json --restore="$SAVED"
	assert_equal "$(account already_there)" "$(in_memory "$PID")"
	: >"$DIR.list"
	page anon 0 >"$DIR.list"
	refuses "--save needs a destination: --to, --interleave, --route or =NODE" --save="$SAVED.other" \
		--pages-from="$DIR.list"
}

# saved_move INJECTION: move FAMILY with a failing system call; set output, stderr and status.
saved_move() {
	run --separate-stderr env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$DIR.trace" \
		-e trace=move_pages,fsync,renameat2,write -e inject="$1" \
		migratepages --json --save="$SAVED" --tree "$PID" 0 0
}

@test "no page moves before all placements are on disk" {
	local fault
	family
	saved_move fsync:delay_enter=1
	assert_equal "$status$stderr" 0
	sed '1,/renameat2(/d' "$DIR.trace" | grep -q move_pages
	rm "$SAVED"
	for fault in fsync:error=EIO renameat2:error=EIO; do
		saved_move "$fault"
		assert_equal "$status" 1
		assert_equal "$stderr" "migratepages: $SAVED: Input/output error; not saved, \
nothing is moved"
		assert_equal "$(jq -c '[.processes, [.errors[].pid]]' <<<"$output")" \
			"[[],[${FAMILY[0]},${FAMILY[1]},${FAMILY[2]}]]"
		grep -q "${fault%%:*}(" "$DIR.trace"
		run ! grep move_pages <(sed "1,/${fault%%:*}(/d" "$DIR.trace")
		assert_equal "$(ls -A "$DIR")" ""
	done
	victim_start node=0 hole=1M
	run -1 --separate-stderr bash -c "ulimit -f 1; trap '' XFSZ
		exec movepages --save=$SAVED --to=0 $VICTIM_PID"
	assert_equal "$stderr" \
		"movepages: $SAVED: File too large; not saved, nothing is moved"
	assert_equal "$(ls -A "$DIR")" ""
}

@test "a move does not begin if the time limit expires during the save" {
	run -64 --separate-stderr movepages --timeout=0.000000001 --save="$SAVED" --to=0 --json "$PID"
	assert_equal "$(jq -c '[.complete, .ended_by, .processes]' <<<"$output")" \
		'[false,"timeout",[]]'
	assert_equal "$(ls -A "$DIR")" ""
}

@test "a process that cannot be saved is not moved, the others are" {
	family
	kill -STOP "${FAMILY[1]}"
	kill -KILL "${FAMILY[1]}"
	run -64 --separate-stderr movepages --json --save="$SAVED" --to=0 \
		"$PID,${FAMILY[1]},${FAMILY[2]}"
	assert_equal "$(jq -c '[[.processes[].pid], [.errors[].pid]]' <<<"$output")" \
		"[[$PID,${FAMILY[2]}],[${FAMILY[1]}]]"
	assert_equal "$(sed -n 's/^# process \([0-9]*\) .*/\1/p' "$SAVED" | xargs)" "$PID ${FAMILY[2]}"
}

@test "no command undoes a move of nothing, and a save alone is silent" {
	needs_terminal
	cd "$DIR"
	run -0 script -qec "movepages --save=saved --to=0 $PID" /dev/null
	assert_line --partial ": nothing to move ("
	refute_line --partial undo
	run -0 script -qec "movepages --save=saved $PID" /dev/null
	assert_output ""
	run -0 --separate-stderr movepages --save=saved --to=0 "$PID"
	assert_equal "$output$stderr" ""
}
