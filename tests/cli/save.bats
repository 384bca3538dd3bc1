#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031,SC2154
#
# movepages --save and --restore: the file, and what is refused.

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

# refuses TEXT OPTION...: with this one line, and nothing is left in the directory but
# what was there.
refuses() {
	local before
	before=$(ls -lA "$DIR")
	run -1 --separate-stderr movepages "${@:2}" "$PID"
	assert_output ""
	assert_equal "$stderr" "movepages: $1"
	assert_equal "$(ls -lA "$DIR")" "$before"
}

# edited SED TEXT: the saved file, changed, is refused.
edited() {
	rm -f "$SAVED"
	save
	sed -i "$1" "$SAVED"
	refuses "$SAVED$2" --restore="$SAVED"
}

@test "a saved placement names its process and has all of its pages" {
	local bytes
	save
	assert_equal "$(stat -c %a "$SAVED")" 600
	assert_equal "$(sed -n 1,2p "$SAVED")" $'# movepages placement 1\n# pid '"$PID"
	assert_equal "$(tail -n 1 "$SAVED")" "# end $(grep -c '^[0-9a-f]' "$SAVED")"
	bytes=$(sed -n 's/=0$//p' "$SAVED" | while IFS=- read -r start end; do
		echo $((16#$end - 16#$start))
	done | paste -s -d +)
	run -0 movepages --json "$PID"
	assert_equal "$((bytes))" "$(json '.total["0"]')"
}

@test "neighbours on one node are one line" {
	run -0 movepages --save="$SAVED" "$PID" "$(range anon)"
	assert_equal "$(grep -v '^#' "$SAVED")" "$(range anon)=0"
}

@test "a saved placement is restored, and all is already there" {
	save
	run -0 --separate-stderr movepages --json --restore="$SAVED" "$PID"
	assert_account moved=0 gone=0 left=0
	assert_equal "$(account already_there)" \
		"$(output=$(movepages --json "$PID"); json '.total | add')"
	assert_intact
}

@test "a saved placement is a list of pages" {
	save
	run -0 --separate-stderr movepages --pages-from="$SAVED" --json "$PID"
	assert_account moved=0 left=0
}

@test "pages that are gone are counted gone" {
	save
	assert_equal "$(victim_ask unmap shm)" "unmapped 1"
	run -0 --separate-stderr movepages --json --restore="$SAVED" "$PID"
	assert_account gone=65536
}

@test "--save takes what --kind and PAGES select" {
	run -0 movepages --save="$SAVED" --kind=shm "$PID"
	assert_equal "$(grep -v '^#' "$SAVED")" "$(range shm)=0"
}

@test "a saved placement is replaced, and so is an empty file, but no other" {
	save
	save
	: >"$SAVED"
	save
	echo "precious" >"$SAVED"
	refuses "$SAVED: exists, and is no saved placement: remove it, or give another name" \
		--save="$SAVED"
	rm "$SAVED"
	ln -s /etc/passwd "$SAVED"
	refuses "$SAVED: exists, and is no regular file: give another name" --save="$SAVED"
	refuses "$DIR: exists, and is no regular file: give another name" --save="$DIR"
	refuses "/dev/null: exists, and is no regular file: give another name" --save=/dev/null
}

@test "a placement that cannot be written leaves nothing behind" {
	refuses "/no/such/saved: No such file or directory" --save=/no/such/saved
	refuses "$SAVED/: Is a directory" --save="$SAVED/"
	refuses ": No such file or directory" --save=
	victim_start node=0 hole=1M
	run -1 --separate-stderr bash -c "ulimit -f 1; trap '' XFSZ
		exec movepages --save=$SAVED $VICTIM_PID"
	assert_equal "$stderr" "movepages: $SAVED: File too large; nothing was saved"
	assert_equal "$(ls -A "$DIR")" ""
}

@test "a placement that is not complete in time is not saved" {
	run -64 --separate-stderr movepages --timeout=0.000000001 --save="$SAVED" "$PID"
	assert_equal "$(ls -A "$DIR")" ""
}

@test "files of other processes, boots, lives and programs are refused" {
	edited '2s/.*/# pid 1/' " is of process 1"
	edited '3s/.*/# started 1/' " is of an earlier process with this number"
	edited '4s/.*/# boot x/' " is from before this machine was started"
	edited '5s/.*/# program 0:1 2 \/bin\/x\\033/' \
		" is of another program: the process ran /bin/x\\134033 then"
	edited '6s/.*/# memory 1 2 4096/' \
		" is from before the process started its program anew (execve): no address means the same"
}

@test "a process that started its program anew is refused" {
	save
	assert_equal "$(victim_ask exec)" "ready $PID"
	run -1 --separate-stderr movepages --restore="$SAVED" "$PID"
	assert_regex "$stderr" "started its program anew"
}

@test "files that are no saved placement, or not all of one, are refused" {
	local first n
	save
	first=$(sed -n 7p "$SAVED") n=$(grep -vc '^#' "$SAVED")
	edited '1d' ":1: '# pid $PID' is not how a saved placement begins"
	edited '1s/1$/2/' ":1: '# movepages placement 2' is of a version that this program does not know"
	edited '4d' ":6: '$first' comes before the header is complete"
	edited \$d " is no whole saved placement: its last line is missing"
	edited '7d' ":$((n + 6)): '# end $n' does not count the lines that are there"
	edited '7s/=.*//' ":7: '${first%=*}' is no START-END=NODE"
	: >"$SAVED"
	refuses "$SAVED is no whole saved placement: its last line is missing" --restore="$SAVED"
	refuses "/dev/null: is no regular file" --restore=/dev/null
	refuses "$DIR: is no regular file" --restore="$DIR"
	refuses "/no/such: No such file or directory" --restore=/no/such
}

@test "nothing of a file with a node that is none is restored" {
	save
	sed -i '$d' "$SAVED"
	echo "$(range anon)=1000" >>"$SAVED"
	echo "# end $(grep -vc '^#' "$SAVED")" >>"$SAVED"
	run -1 --separate-stderr traced move_pages movepages --restore="$SAVED" "$PID"
	assert_regex "$stderr" "$SAVED:[0-9]+: '1000' \(at [0-9]+\) is no node of this machine"
	run ! grep move_pages "$BATS_TEST_TMPDIR/trace"
}

# stop_at CALL[:when=N] COMMAND...: stop the command after this system call, with more
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

# go_on STATUS ERROR: it ends with this status and one line.
go_on() {
	local status=0
	# Each of its threads stops, and one continues all.
	kill -CONT "$(sed -n '/stopped by SIGSTOP/ { s/ .*//p; q }' "$DIR.trace")"
	wait "$STOPPED" || status=$?
	assert_equal "$status: $(<"$DIR.errors")" "$1: $2"
	assert_equal "$(ls -A "$DIR")" saved
}

@test "a file that takes the name meanwhile is not replaced" {
	local INJECTIONS taken="exists, and is no saved placement: remove it, or give another name"
	# Also on a file system that has no flags of renameat2(2), as NFS.
	for INJECTIONS in "" inject=renameat2:error=EINVAL; do
		INJECTIONS=(${INJECTIONS:+-e "$INJECTIONS"})
		stop_at fsync movepages --save="$SAVED" "$PID"
		echo precious >"$SAVED"
		go_on 1 "movepages: $SAVED: $taken; nothing was saved"
		assert_equal "$(<"$SAVED")" precious
		rm "$SAVED"
		save
		stop_at fsync movepages --save="$SAVED" "$PID"
		echo precious >"$DIR.new"
		mv "$DIR.new" "$SAVED"
		go_on 1 "movepages: $SAVED: $taken; nothing was saved"
		assert_equal "$(<"$SAVED")" precious
		rm "$SAVED"
		stop_at fsync movepages --save="$SAVED" "$PID"
		go_on 0 ""
		stop_at fsync movepages --save="$SAVED" "$PID"
		go_on 0 ""
		rm "$SAVED"
	done
}

@test "a name that is taken at the last moment is not replaced" {
	local INJECTIONS=() nth
	save
	# Which of its openat(2) looks at the file for the second time?
	run -0 traced openat movepages -j1 --save="$SAVED" "$PID"
	nth=$(awk '/openat\(/ { n++ } /"saved"/ && ++looks == 2 { print n }' \
		"$BATS_TEST_TMPDIR/trace")
	stop_at openat:when="$nth" movepages -j1 --save="$SAVED" "$PID"
	echo precious >"$DIR.new"
	mv "$DIR.new" "$SAVED"
	go_on 1 "movepages: $SAVED: exists, and is no saved placement: remove it, or give another\
 name; nothing was saved"
	assert_equal "$(<"$SAVED")" precious
}

@test "what is restored is what was checked" {
	local INJECTIONS=() change
	save
	cp "$SAVED" "$DIR.whole"
	for change in \$d '8,$d' d; do
		cp "$DIR.whole" "$SAVED"
		stop_at lseek:when=2 movepages --restore="$SAVED" -q "$PID"
		sed "$change" "$DIR.whole" | cat >"$SAVED"
		go_on 1 "movepages: $SAVED changed while it was read: not all of it was restored"
	done
	cp "$DIR.whole" "$SAVED"
	stop_at lseek:when=2 movepages --restore="$SAVED" -q "$PID"
	sed 's/^# pid .*/# pid 1/' "$DIR.whole" >"$SAVED"
	go_on 1 "movepages: $SAVED:7: '$(sed -n 7p "$SAVED")' follows a header that has just changed"
	run ! grep "move_pages($PID," "$DIR.trace"
}
