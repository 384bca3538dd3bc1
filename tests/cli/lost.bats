#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154,SC2030,SC2031
#
# Lack of resources: output that cannot be written, closed streams, too few files, too little
# memory, no threads.

load ../lib/helper

setup() {
	victim_start node=0 anon=64K
	PID=$VICTIM_PID
}

# lost STATUS REDIRECTION COMMAND...: with this redirection the exit status is STATUS, and the
# command prints an error message if it can.
lost() {
	local said="$BATS_TEST_TMPDIR/said"
	run bash -c "${*:3} 2>$said $2"
	((status == $1)) || fail "${*:3} $2: exit status $status, not $1: $(<"$said")"
	[[ $1 == 0 || $2 == *'2>'* ]] || assert_regex "$(<"$said")" "^m[a-z]+pages: [^"$'\n'"]*$"
}

# Each command, and its exit status if standard output cannot be written: 4 if pages were
# moved, 1 if it only prints, 0 if it has nothing to print.
outputs() {
	cat <<-END
		1 movepages --help
		1 migratepages --version
		1 movepages $PID
		1 movepages --pages $PID
		1 movepages --json $PID
		1 movepages --json --pages $PID
		1 movepages --map $PID
		1 migratepages -n $PID 0 0
		4 migratepages -v $PID 0 0
		4 migratepages --json $PID 0 0
		4 migratepages --method=process -v $PID 0 0
		4 movepages --pages --to=0 $PID
		4 movepages --json --pages --to=0 $PID
		0 migratepages $PID 0 0
		0 movepages --at-least=0:1% $PID
		0 movepages --save=$BATS_TEST_TMPDIR/saved $PID
	END
}

# each_lost REDIRECTION [PREPARATION]
each_lost() {
	local expected command
	while read -r expected command; do
		lost "$expected" "$1" "${2:-} $command"
	done < <(outputs)
	assert_intact
}

@test "lost output and failed moves have different exit statuses: a full device" {
	each_lost ">/dev/full"
}

@test "... a closed standard output" {
	each_lost ">&-"
}

@test "... a reader that exits, with SIGPIPE ignored" {
	trap '' PIPE
	each_lost ">&9" 'exec 9> >(:); wait $!;'
}

@test "... a reader that exits: SIGPIPE terminates a listing, but not a move" {
	local gone='exec 9> >(:); wait $!; exec env --default-signal=PIPE'
	run -141 bash -c "$gone movepages $PID >&9"
	run -141 bash -c "$gone movepages --json --pages $PID >&9"
	run -4 bash -c "$gone migratepages -v $PID 0 0 >&9"
	run -4 bash -c "$gone movepages --json --pages --to=0 $PID >&9"
}

@test "... a file at its size limit" {
	head -c 64K /dev/zero >"$BATS_TEST_TMPDIR/limited"
	each_lost ">>$BATS_TEST_TMPDIR/limited" "ulimit -f 64;"
}

@test "... a full file system" {
	needs_root
	local dir="$BATS_TEST_TMPDIR/small"
	mkdir "$dir"
	mount -t tmpfs -o size=4K none "$dir" || cannot_run "needs mount(2)"
	head -c 4096 /dev/zero >"$dir/filler"
	each_lost ">>$dir/filler"
	umount "$dir"
}

@test "... a network file system that reports the error on close" {
	local expected command out="$BATS_TEST_TMPDIR/remote"
	while read -r expected command; do
		((!expected)) || lost "$expected" ">$out" "ASAN_OPTIONS=detect_leaks=0 strace -f \
			-qq -o /dev/null -P $out -e inject=close:error=EDQUOT $command"
	done < <(outputs)
}

@test "write errors on standard error do not change the exit status" {
	local where
	for where in /dev/full '&-'; do
		lost 0 "2>$where" migratepages -v "$PID" 0 0
		lost 0 "2>$where" movepages "$PID"
		lost 1 "2>$where" movepages --to=99 "$PID"
		lost 4 ">/dev/full 2>$where" migratepages -v "$PID" 0 0
	done
}

@test "a slow reader gets all output" {
	local out="$BATS_TEST_TMPDIR/out"
	victim_start node=0 anon=16M
	movepages --pages "$VICTIM_PID" >"$out"
	run -0 bash -c "set -o pipefail; movepages --pages $VICTIM_PID |
		while IFS= read -r line; do echo \"\$line\"; done | cksum"
	assert_output "$(cksum <"$out")"
}

# lowest_opened REDIRECTION: the lowest descriptor of a file opened while a placement is saved;
# the command opens / to occupy closed streams.
lowest_opened() {
	traced execve,openat,pidfd_open,open,socket,pipe2,memfd_create bash -c \
		"exec movepages --save=$BATS_TEST_TMPDIR/saved $PID $1"
	# Skip the files opened by the shell and the loader.
	awk '/ execve\(/ { main = 0; lowest = "" }
		/"\/", / { main = 1; next }
		main && / = [0-9]+$/ && (lowest == "" || $NF < lowest) { lowest = $NF }
		END { print lowest }' "$BATS_TEST_TMPDIR/trace"
}

@test "opened files do not become standard streams" {
	local in out error
	for in in "" "<&-"; do
		for out in "" ">&-"; do
			for error in "" "2>&-"; do
				(($(lowest_opened "$in $out $error") > 2)) ||
					fail "$in $out $error: $(<"$BATS_TEST_TMPDIR/trace")"
			done
		done
	done
}

@test "a closed standard input is an error, not an empty file" {
	run -1 --separate-stderr bash -c "movepages --pages-from=- $PID <&-"
	assert_equal "$stderr" "movepages: standard input: Bad file descriptor"
}

# complete_or_error COMMAND...: it prints the complete output ($WHOLE), or fails with one line.
complete_or_error() {
	run --separate-stderr "$@"
	if ((status)); then
		assert_equal "$status" 1
		assert_regex "$stderr" "^movepages: [^"$'\n'"]*$"
	else
		assert_equal "$output" "$WHOLE"
	fi
}

# limited ULIMIT-OPTION VALUE COMMAND...: with this limit, and without the open files of bats.
limited() {
	bash -c 'exec 3>&- 4>&- && ulimit "$1" "$2" && exec "${@:3}"' limited "$@"
}

@test "with few open files, the command works or names the cause" {
	local files
	WHOLE=$(movepages "$PID")
	for files in {4..12}; do
		complete_or_error limited -n "$files" movepages "$PID"
	done
	assert_equal "$status" 0
}

@test "with little memory, the command works or names the cause" {
	local kib
	! is_sanitized || cannot_run "sanitizers reserve all of the address space"
	WHOLE=$(movepages "$PID")
	# With less, the loader fails.
	for ((kib = 2048; kib < 32768; kib += 256)); do
		! limited -v "$kib" movepages --version >/dev/null 2>&1 || break
	done
	for ((; kib < 32768; kib += kib / 8)); do
		complete_or_error limited -v "$kib" movepages -j2 "$PID"
	done
	assert_equal "$status" 0
}

@test "if no thread can be created, the main thread does all the work" {
	user_prepare
	# The limit counts all processes of a user: one that no other test uses.
	USER_PREFIX=("${USER_PREFIX[@]/65534/$((1000000 + $$))}")
	victim_start node=0 anon=64K
	WHOLE=$(as_user movepages -j4 "$VICTIM_PID")
	complete_or_error prlimit --nproc=1 "${USER_PREFIX[@]}" movepages -j4 "$VICTIM_PID"
	assert_equal "$status" 0
	user_cleanup
}

@test "a failed allocation before the first process is not a usage error" {
	local n
	[[ -e $abs_top_builddir/tests/lib/fail-malloc.so ]] || cannot_run "needs an x86-64 machine"
	! is_sanitized || cannot_run "sanitizers have an allocator of their own"
	for ((n = 1; n <= 8; n++)); do
		run -1 --separate-stderr env FAIL_MALLOC="$n" \
			LD_PRELOAD="$abs_top_builddir/tests/lib/fail-malloc.so" \
			movepages --at-least=0:1 --pages "$PID" "$(page anon 0)"
		assert_regex "$stderr" "^movepages: .*Cannot allocate memory$"
	done
}
