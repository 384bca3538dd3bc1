#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154
#
# The completions of bash, zsh and fish on a fake machine: nodes 0-2 and 8, processes 101 and 102,
# the second with a deceptive name, and a kernel thread, 7.

load ../lib/helper

COMPLETIONS=$abs_top_builddir/completions/made

setup_file() {
	export ROOT=$BATS_FILE_TMPDIR/root HOME=$BATS_FILE_TMPDIR
	export ZDUMP=$BATS_FILE_TMPDIR/zcompdump
	mkdir -p "$ROOT/sys/devices/system/node" "$ROOT"/proc/{7,101,102}
	echo 0-2,8 >"$ROOT/sys/devices/system/node/has_memory"
	ln -s /bin/sh "$ROOT/proc/101/exe"
	ln -s /bin/sh "$ROOT/proc/102/exe"
	ln -s /nowhere "$ROOT/proc/7/exe"
	echo alpha >"$ROOT/proc/101/comm"
	printf 'be ta:1\e\t\n9\tx\n' >"$ROOT/proc/102/comm"
	echo kthread >"$ROOT/proc/7/comm"
	printf '%s\n' '5000-7000 rw-p 00000000 00:00 0 [heap]' \
		'9000-a000 r--p 00000000 00:00 0' >"$ROOT/proc/101/maps"
	mkdir -p "$ROOT"/sys/fs/cgroup/{system.slice/redis.service/sub.service,init.scope} \
		"$ROOT/sys/fs/cgroup/bad.slice/\$(touch bad).service" \
		"$ROOT/sys/fs/cgroup/bad.slice/x\\x2dy.service"
	touch "$ROOT"/sys/fs/cgroup/{,system.slice/,system.slice/redis.service/}cgroup.procs
	zsh -f -c 'autoload -Uz compinit; compinit -u -d $ZDUMP'
}

# Zsh completes on a terminal only.
setup() {
	needs_terminal
}

# in_bash LINE: the words that bash offers at the end of LINE, one per line; LISTING=63 is how
# readline requests a list.
in_bash() {
	bash --norc -c '
		source /usr/share/bash-completion/bash_completion
		source "$1/${2%% *}"
		_numapages_root=$ROOT
		compopt() { :; }
		COMP_LINE=$2 COMP_POINT=${#2} COMP_TYPE=${LISTING:-9} COMP_KEY=9
		read -ra COMP_WORDS < <(sed "s/[=:]\+/ & /g" <<<"$2")
		[[ $2 != *" " ]] || COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		"_${2%% *}"
		((${#COMPREPLY[@]} == 0)) || printf "%s\n" "${COMPREPLY[@]}"
	' bash "$COMPLETIONS" "$1" 3>&-
}

# in_zsh LINE: likewise with zsh; its completion needs a terminal, made by zpty.
in_zsh() {
	mkfifo "$BATS_TEST_TMPDIR/zdone" 2>/dev/null || true
	: >"$BATS_TEST_TMPDIR/zoffers" >"$BATS_TEST_TMPDIR/zlisted"
	cat >"$BATS_TEST_TMPDIR/zrc" <<-'END'
		PS1= fpath=($1 $fpath)
		autoload -Uz compinit
		compinit -C -u -d $ZDUMP
		autoload -Uz _${2%% *}
		compdef _${2%% *} ${2%% *}
		_numapages_root=$ROOT
		compadd() {
			local -a offers
			if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
				builtin compadd -A offers "$@"
				(($#offers == 0)) || print -rl -- $offers >>$OFFERS_DIR/zoffers
				local -i at=${@[(i)-d]}
				((at >= $#)) || print -rl -- ${(P)@[at + 1]} >>$OFFERS_DIR/zlisted
			fi
			builtin compadd "$@"
		}
		ask() {
			BUFFER=$LINE_TO_COMPLETE CURSOR=$#LINE_TO_COMPLETE
			zle complete-word
			print done >$OFFERS_DIR/zdone
		}
		zle -N ask
		bindkey '^T' ask
	END
	OFFERS_DIR=$BATS_TEST_TMPDIR LINE_TO_COMPLETE=$1 zsh -f -c '
		zmodload zsh/zpty
		zpty shell zsh -f -i || exit
		zpty -w shell "set -- ${(q)1} ${(q)LINE_TO_COMPLETE}; source $OFFERS_DIR/zrc"
		zpty -w -n shell $'"'\\C-t'"'
		read -t 600 -r done <>$OFFERS_DIR/zdone || print -u2 "no answer from zsh"
		zpty -d shell
	' zsh "$COMPLETIONS" 3>&-
	cat "$BATS_TEST_TMPDIR/zoffers"
}

# in_fish LINE: likewise with fish; with_names_in_fish LINE: with their descriptions.
in_fish() {
	with_names_in_fish "$1" | cut -f 1
}

with_names_in_fish() {
	# shellcheck disable=SC2016
	fish --no-config -c '
		set -g fish_complete_path
		set -g _numapages_root $ROOT
		source $argv[1]/(string split " " $argv[2])[1].fish
		complete -C $argv[2]
	' "$COMPLETIONS" "$1" 3>&-
}

# The pieces to be added to the line. Shells differ in whether they repeat the beginning of the
# word, and in the separator of an option and its value.
pieces() {
	sed -E 's/.*[,:+!^]//; s/^[0-9]-//; s/^--[a-z-]+=(.)/\1/; s/=$//' | sort -u
}

# offers LINE PIECE...: every shell offers exactly these.
offers() {
	local shell expected
	expected=$(printf '%s\n' "${@:2}" | sort -u)
	for shell in in_bash in_zsh in_fish; do
		assert_equal "$shell: $($shell "$1" | pieces)" "$shell: $expected"
	done
}

# offers_none LINE: no shell offers an operand; zsh then offers options.
offers_none() {
	local shell
	for shell in in_bash in_zsh in_fish; do
		assert_equal "$shell: $($shell "$1" | sed /^-/d)" "$shell: "
	done
}

words=(all has-cpu local memory-only)

@test "migratepages: processes, but no kernel threads" { offers "migratepages " 101 102; }
@test "migratepages: processes by their first digits" { offers "migratepages 1" 101 102; }
@test "migratepages: another process" { offers "migratepages 101," 101 102; }
@test "migratepages: FROM" { offers "migratepages 101 " 0 1 2 8 "${words[@]}"; }
@test "migratepages: TO" { offers "migratepages 101 0 " 0 1 2 8 "${words[@]}"; }
@test "migratepages: TO after options" {
	offers "migratepages -v --jobs 2 --retries=1 101 0 " 0 1 2 8 "${words[@]}"
}
@test "migratepages: nothing after TO" { offers_none "migratepages 101 0 1 "; }
@test "migratepages: a word of nodes" { offers "migratepages 101 has" has-cpu; }
@test "migratepages: a node after a comma" {
	offers "migratepages 101 0," 0 1 2 8 "${words[@]}"
}
@test "migratepages: the end of a range" { offers "migratepages 101 0-" 0 1 2 8; }
@test "migratepages: relative nodes" { offers "migratepages 101 +" 0 1 2 8 "${words[@]}"; }
@test "migratepages: inverted nodes" { offers "migratepages 101 ^" 0 1 2 8 "${words[@]}"; }
@test "migratepages: pairs" { offers "migratepages --route=" 0 1 2 8; }
@test "migratepages: the second of a pair" { offers "migratepages --route=0:" 0 1 2 8; }
@test "migratepages: a second pair" { offers "migratepages --route=0:1,1:" 0 1 2 8; }
@test "migratepages: a process with pairs" { offers "migratepages --route=0:1 " 101 102; }
@test "migratepages: no nodes with pairs" { offers_none "migratepages --route=0:1 101 "; }
@test "migratepages: a process after --tree" { offers "migratepages --tree " 101 102; }
@test "migratepages: FROM after a cgroup" {
	offers "migratepages --cgroup=/a " 0 1 2 8 "${words[@]}"
}
@test "migratepages: TO after a cgroup" {
	offers "migratepages --cgroup /a 0 " 0 1 2 8 "${words[@]}"
}
@test "migratepages: processes of --pid" { offers "migratepages --pid=101," 101 102; }
@test "migratepages: processes of -p" { offers "migratepages -p " 101 102; }
@test "migratepages: FROM after --pid" { offers "migratepages -p 101 " 0 1 2 8 "${words[@]}"; }
@test "migratepages: FROM after a name" { offers "migratepages --name=x " 0 1 2 8 "${words[@]}"; }
@test "migratepages: TO after a unit" { offers "migratepages --unit x 0 " 0 1 2 8 "${words[@]}"; }
@test "migratepages: names of processes" { offers "migratepages --name=" alpha; }
@test "movepages: mappings after --pid" {
	offers "movepages --pid=101 " 5000-7000 9000-a000
	offers "movepages -p 101,102 9" 9000-a000
}
@test "movepages: nothing after a name" { offers_none "movepages --name=x "; }
@test "movepages: nothing after a unit" { offers_none "movepages --unit x "; }
@test "migratepages: nothing after a cgroup and pairs" {
	offers_none "migratepages --route=0:1 --cgroup=/a "
}
@test "migratepages: methods" { offers "migratepages --method=" pages process; }
@test "migratepages: methods after a space" { offers "migratepages --method " pages process; }
@test "migratepages: shared pages" { offers "migratepages --shared=" auto no yes; }
@test "migratepages: progress" { offers "migratepages --progress=" always auto never; }
@test "migratepages: columns" { offers "migratepages -o A" ALREADY-THERE; }
@test "migratepages: a further column" { offers "migratepages -o +PID,S" SPLIT SIZE SAME-FOLIO; }
@test "migratepages: a process after an option without its value" {
	offers "migratepages --settle " 101 102
}
@test "migratepages: nodes of a check" {
	offers "migratepages --at-least=0," 0 1 2 8 "${words[@]}"
}
@test "migratepages: no nodes in the percentage of a check" {
	offers_none "migratepages --at-most=0:"
}
@test "migratepages: FROM after checks" {
	offers "migratepages --at-least 0:5 --at-most=1:5 101 " 0 1 2 8 "${words[@]}"
}
@test "migratepages: no numbers of threads" { offers_none "migratepages --jobs="; }
@test "migratepages: no sizes" { offers_none "migratepages --rate="; }
@test "migratepages: options by their first letters" { offers "migratepages --re" --retries; }

@test "movepages: processes, but no kernel threads" { offers "movepages " 101 102; }
@test "movepages: another process" { offers "movepages 101," 101 102; }
@test "movepages: mappings" { offers "movepages 101 " 5000-7000 9000-a000; }
@test "movepages: more mappings" { offers "movepages 101,102 5000=1 9" 9000-a000; }
@test "movepages: no mappings of a process that does not exist" { offers_none "movepages 55 "; }
@test "movepages: TO" { offers "movepages --to=" 0 1 2 8 "${words[@]}"; }
@test "movepages: TO after a space" { offers "movepages --to " 0 1 2 8 "${words[@]}"; }
@test "movepages: FROM" { offers "movepages --from=" 0 1 2 8 "${words[@]}"; }
@test "movepages: a list of nodes" { offers "movepages --from=0,m" memory-only; }
@test "movepages: nothing after a cgroup" { offers_none "movepages --cgroup=/a "; }
@test "movepages: kinds of mappings" {
	offers "movepages --kind=" heap stack anon file shm hugetlb
}
@test "movepages: another kind" { offers "movepages --kind=heap,st" stack; }
@test "movepages: pairs" { offers "movepages --route=0:1,1:" 0 1 2 8; }
@test "movepages: a process after options" { offers "movepages --to 1 -v --from=0 " 101 102; }
@test "movepages: shared pages" { offers "movepages --shared=" auto no yes; }
@test "movepages: nodes of a check" { offers "movepages --at-most=m" memory-only; }
@test "movepages: nodes to interleave over" { offers "movepages --interleave=" 0 1 2 8 "${words[@]}"; }
@test "movepages: a process after --weights" { offers "movepages --interleave=0 --weights 1 " 101 102; }
@test "movepages: no process for a self test" { offers_none "movepages --selftest "; }
@test "movepages: no process for a self test of some size" {
	offers_none "movepages --selftest=1M --json "
}
@test "movepages: progress" { offers "movepages --progress a" always auto; }
@test "movepages: no process after --check" { offers_none "movepages --check "; }
@test "movepages: colours" { offers "movepages --color=" auto always never; }
@test "movepages: a process after --color" { offers "movepages --color " 101 102; }
@test "migratepages: colours" { offers "migratepages --color=" auto always never; }
@test "movepages: a further column" { offers "movepages --mappings --output=+END,P" PERMS PAGESIZE PID; }
@test "movepages: columns of processes" { offers "movepages -o C" COMM COMMAND CPUS CPUSET; }
@test "movepages: a column that only --help has" {
	cat >"$BATS_TEST_TMPDIR/movepages" <<-END
		#!/bin/sh
		$(command -v movepages) "\$@" | sed 's/ CPUSET/&\n              XYZ/'
	END
	chmod +x "$BATS_TEST_TMPDIR/movepages"
	PATH=$BATS_TEST_TMPDIR:$PATH offers "movepages -o X" XYZ
}
@test "movepages: a column to sort by" {
	offers "movepages --sort=T" TOTAL
	assert_equal "$(in_bash "movepages --sort=-T")" -TOTAL
}
@test "movepages: columns of a check" { offers "movepages --check -o +S" STATE; }
@test "movepages: columns of a move" { offers "movepages --to=0 -o ADDRESS,A" ALREADY-THERE; }
@test "movepages: a process after columns" { offers "movepages -o NAME --map " 101 102; }
@test "movepages: columns of nodes" { offers "movepages --mappings -o +N" N0 N1 N2 N8 NODES NAME; }
@test "movepages: no columns of nodes for a move" { offers_none "movepages --to=0 -o N0"; }
@test "migratepages: units" { offers "migratepages --unit=s" system.slice; }
@test "movepages: units by their first letters" { offers "movepages --unit red" redis.service; }
@test "movepages: cgroups" {
	offers "movepages --cgroup=/s" /system.slice /system.slice/redis.service \
		/system.slice/redis.service/sub.service
	offers "movepages --cgroup=/system.slice/r" /system.slice/redis.service \
		/system.slice/redis.service/sub.service
}
@test "migratepages: ends of the names of cgroups" { offers "migratepages --cgroup=r" redis.service; }

# Users choose the names in their own cgroups.
@test "no shell expands the name of a unit or a cgroup" {
	local shell
	cd "$BATS_TEST_TMPDIR"
	for shell in in_bash in_zsh in_fish; do
		$shell "movepages --unit=" | sed 's/^--unit=//' >units
		grep -qF 'touch' units || fail "$shell: no such unit: $(<units)"
		grep -qE 'x(\\){1,2}x2dy.service' units || fail "$shell: $(<units)"
		$shell "movepages --cgroup=/bad" | grep -qF touch
		refute [ -e bad ]
	done
}

# Fish displays names with the PIDs, and searches them itself.
@test "movepages: bash and zsh complete the name of a process to its PID" {
	local shell
	for shell in in_bash in_zsh; do
		assert_equal "$shell: $($shell "movepages al")" "$shell: 101"
		assert_equal "$shell: $($shell "migratepages 102,alp" | pieces)" "$shell: 101"
		assert_equal "$shell: $($shell "movepages --pid=be" | pieces)" "$shell: 102"
		assert_equal "$shell: $($shell "movepages nothing")" "$shell: "
	done
}

# List a new kind of value here, and complete it if possible.
@test "completions know every kind of value in --help" {
	local command kind known
	known=" $(sed -n '/^_numapages_value()/,/^}/s/^\t\(.*\)) .*;;$/\1/p' "$COMPLETIONS/../../../completions/common.bash") "
	for command in migratepages movepages; do
		while read -r kind; do
			[[ $kind == @(N|SIZE|TIME|W) || $known == *"$kind"* ]] ||
				fail "$command: what is $kind?"
		done < <($command --help | sed -nE 's/^ +(-., )?--[a-z-]+\[?=([A-Z]+).*/\2/p')
	done
}

@test "movepages: options by their first letters" { offers "movepages --pa" --pages --pages-from --partial-ok --path; }

# offers_options COMMAND: every option in --help, short and long, is offered.
offers_options() {
	local help
	help=$("$1" --help | sed -nE '/^ +-/s/^ +((-.), )?(--[a-z-]+).*/\2 \3/p')
	# shellcheck disable=SC2086
	offers "$1 -" $help
}

@test "migratepages: all options" { offers_options migratepages; }
@test "movepages: all options" { offers_options movepages; }

# names LINE BEFORE: each shell displays the names of the offered processes, one per line, and
# without control characters.
names() {
	assert_equal "$(LISTING=63 in_bash "$1")" "$2"'101 (alpha)'$'\n'"$2"'102 (be ta:1??)'
	assert_equal "$(with_names_in_fish "$1")" "$2"$'101\talpha\n'"$2"$'102\tbe ta:1??'
	in_zsh "$1"
	assert_equal "$(sed 's/ *$//' "$BATS_TEST_TMPDIR/zlisted")" \
		$'101  -- alpha\n102  -- be ta:1??'
}

@test "migratepages: processes with their names" { names "migratepages " ""; }
@test "migratepages: further processes with their names" { names "migratepages 101," 101,; }
@test "movepages: processes with their names" { names "movepages " ""; }
@test "movepages: bash displays no name if only one process fits" {
	assert_equal "$(LISTING=63 in_bash "movepages 102")" 102
}

# repeats LINE WORD: bash and fish, which replace the word, keep its beginning.
repeats() {
	assert_equal "$(in_bash "$1")" "$2"
	assert_equal "$(in_fish "$1" | sed 's/^--[a-z-]*=//')" "$2"
}

@test "migratepages: the beginning of a list is kept" { repeats "migratepages 101 ^+0,8" ^+0,8; }
@test "migratepages: the beginning of a range is kept" { repeats "migratepages 101 0-8" 0-8; }
@test "migratepages: the first process is kept" { repeats "migratepages 101,102" 101,102; }
@test "movepages: the beginning of a list is kept" { repeats "movepages --to=0,h" 0,has-cpu; }
