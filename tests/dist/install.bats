#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2154
#
# Installing from the tarball, as in README.md, here with another name for one of the two
# commands.

load ../lib/helper

setup_file() {
	export TREE=$BATS_FILE_TMPDIR/tree ROOT=$BATS_FILE_TMPDIR/root
	in_build distdir distdir="$TREE"
	# Reuse the objects of this build; make rebuilds what depends on the name.
	mkdir "$TREE/build"
	(cd "$abs_top_builddir" && cp -a config.h names.h stamp-h* src "$TREE/build")
	cd "$TREE/build" || return
	../configure -q --prefix=/usr --program-transform-name='s/^migratepages$/nx-&/'
	abs_top_builddir=$PWD in_build -j "$(nproc)"
	abs_top_builddir=$PWD in_build install DESTDIR="$ROOT"
	PATH=$ROOT/usr/bin:$PATH
}

@test "the tarball has every file of the repository except those of git and CI" {
	local tracked
	[[ -e $abs_top_srcdir/.git && $(command -v git) ]] || skip "not a checkout"
	tracked=$(git -c safe.directory='*' -C "$abs_top_srcdir" ls-files)
	run ! grep -vxFf <(find "$TREE" -type f -printf '%P\n') \
		<(grep -vE '^\.(ci/|gitignore$)' <<<"$tracked")
	refute_output
}

@test "files are installed under the prefix, with the names of the commands" {
	run -0 find "$ROOT" -path '*/doc' -prune -o ! -type d -printf '%P\n'
	output=$(LC_ALL=C sort <<<"$output")
	assert_output - <<-'END'
		usr/bin/movepages
		usr/bin/nx-migratepages
		usr/share/bash-completion/completions/movepages
		usr/share/bash-completion/completions/nx-migratepages
		usr/share/fish/vendor_completions.d/movepages.fish
		usr/share/fish/vendor_completions.d/nx-migratepages.fish
		usr/share/man/man7/numapages.7
		usr/share/man/man8/movepages.8
		usr/share/man/man8/nx-migratepages.8
		usr/share/zsh/site-functions/_movepages
		usr/share/zsh/site-functions/_nx-migratepages
	END
}

@test "documents for users are installed, those for developers are not" {
	run -0 find "$ROOT/usr/share/doc/numapages" -name '*.md' -printf '%P\n'
	assert_equal "$(LC_ALL=C sort <<<"$output" | xargs)" \
		"NEWS.md README.md fleet.md output.md security.md"
}

@test "a command uses the name that it was installed under" {
	run -0 nx-migratepages --version
	assert_output --partial "nx-migratepages (numapages "
	run -0 nx-migratepages --help
	assert_line --index 0 "Usage: nx-migratepages [OPTION]... PIDS FROM TO"
	assert_line --partial "  nx-migratepages -n 1234 0 1 "
	refute_output --regexp '(^|[^-])migratepages'
	run -1 nx-migratepages 0 0 0
	assert_line --index 0 --regexp "^nx-migratepages: "
	assert_line --index 1 "Try 'nx-migratepages --help' for more information."
	run -0 movepages --help
	assert_line --index 0 --partial "Usage: movepages [OPTION]... PIDS"
}

@test "names in JSON do not change" {
	victim_start anon=4K
	run -0 nx-migratepages --json "$VICTIM_PID" 0 0
	assert_equal "$(jq -r .command <<<"$output")" migratepages
}

# manual NAME.SECTION: the rendered text of that manual page.
manual() {
	mandoc -T ascii -O width=78 "$ROOT/usr/share/man/man${1##*.}/$1" | sed 's/.\x08//g'
}

@test "manual pages have the names of the commands, and numactl's keeps its own" {
	run -0 manual nx-migratepages.8
	assert_line --index 0 --partial "NX-MIGRATEPAGES(8)"
	assert_line --regexp "^ +nx-migratepages - move the memory"
	assert_line --regexp "^ +nx-migratepages 1234 all 2"
	assert_line --partial "of numactl(8)'s migratepages works"
	# Names of system calls: in the comparison, for PID 0, and of the method.
	assert_equal "$(grep -cE '(^|[^-])migratepages' <<<"$output")" 3
	run -0 manual movepages.8
	assert_line --index 0 --regexp "^MOVEPAGES\(8\)"
	assert_line --partial "nx-migratepages(8)"
	refute_output --regexp '[^-]migratepages'
	run -0 manual numapages.7
	assert_line --index 0 --regexp "^NUMAPAGES\(7\)"
	assert_line --partial "nx-migratepages(8)"
	# numactl's command.
	assert_equal "$(grep -oE '.{9}[^-]migratepages' <<<"$output")" " /usr/bin/migratepages"
}

@test "completions use the names of the commands" {
	local share=$ROOT/usr/share
	# shellcheck disable=SC1090
	run -0 bash -c '. "$1"; complete -p' bash \
		"$share/bash-completion/completions/nx-migratepages"
	assert_output "complete -F _migratepages nx-migratepages"
	run -0 head -n 1 "$share/zsh/site-functions/_nx-migratepages"
	assert_output "#compdef nx-migratepages"
	run -0 fish --no-config -c 'source $argv[1]; complete -C "nx-migratepages --meth"' \
		"$share/fish/vendor_completions.d/nx-migratepages.fish"
	assert_output --regexp '^--method'
}

# hardened COMMAND: its ELF file has these properties. Full RELRO needs RELRO and NOW.
hardened() {
	local file=$ROOT/usr/bin/$1 sign
	run -0 readelf --wide --dynamic --program-headers --dyn-syms "$file"
	for sign in 'FLAGS_1.* NOW PIE' 'FLAGS\) +BIND_NOW' ' GNU_RELRO ' 'GNU_STACK .* RW  ' \
		' __stack_chk_fail@' ' __[a-z]*printf_chk@'; do
		assert_line --regexp "$sign"
	done
	[[ $(uname -m) == x86_64 ]] || return 0
	run -0 objdump --disassemble=main "$file"
	assert_line --regexp 'endbr64'
}

@test "nx-migratepages is hardened" { hardened nx-migratepages; }
@test "movepages is hardened" { hardened movepages; }

@test "make uninstall leaves no file" {
	abs_top_builddir=$TREE/build in_build uninstall DESTDIR="$ROOT"
	run -0 find "$ROOT" ! -type d
	refute_output
}
