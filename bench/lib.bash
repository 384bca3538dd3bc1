# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Shared by the two parts of the benchmark. They print samples, `sample NAME VALUE`, and comments,
# lines that begin with '#'. target and calls are in $BENCH_PROGRAMS.

# Debian's programs, with their paths, because ours have the same names.
# shellcheck disable=SC2034
numactl_migratepages=/usr/bin/migratepages numactl_numastat=/usr/bin/numastat

fail()
{
	echo "# bench: $*" >&2
	exit 1
}

sample()
{
	echo "sample $1 $2"
}

calls()
{
	"$BENCH_PROGRAMS/calls" "$@"
}

# target_start OPERAND...: start a target. Set target, its PID, range, its memory (START END), and
# work, the address of its counts.
target_start()
{
	target_run target "$@"
}

# target_run PROGRAM OPERAND...: target, or one that answers as it does.
target_run()
{
	local line word
	coproc TARGET { exec "$BENCH_PROGRAMS/$1" "${@:2}"; }
	target_to=${TARGET[1]} target_from=${TARGET[0]} target=$TARGET_PID range=()
	while read -r word line <&"$target_from"; do
		case $word in
		memory) read -ra range <<<"$line" ;;
		work) work=$line ;;
		ready) return ;;
		esac
	done
	fail "$*: no memory"
}

# target_ask COMMAND: send it; set answer.
target_ask()
{
	echo "$1" >&"$target_to"
	read -r answer <&"$target_from" || fail "the target is gone"
}

target_stop()
{
	target_ask quit
	wait "$target" || fail "the target failed"
}

# stall_read: set stall_map and stall_touch, the worst times in microseconds since a reset.
stall_read()
{
	target_ask stall
	read -r _ stall_map _ stall_touch <<<"$answer"
}

# measured time|query|move ARGUMENT...: run calls and set wall, user, system (microseconds),
# rss (KiB), maps, touches, status.
measured()
{
	local line
	line=$(calls "$@") || fail "calls $*"
	read -r _ wall _ user _ system _ rss _ maps _ touches _ status <<<"$line"
}

# timed COMMAND...: measure a program.
timed()
{
	measured time "${OUTPUT:-/dev/null}" "$@"
}

# must_succeed COMMAND...: the same, and it must succeed.
must_succeed()
{
	timed "$@"
	((status == 0)) || fail "exit status $status: $*"
}

# rounds_of WORD...: print the words, starting with a different one in each round.
rounds_of()
{
	local -a words=("$@")
	local first=$((${round:-0} % $#))
	echo "${words[@]:first}" "${words[@]:0:first}"
}
