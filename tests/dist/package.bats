#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2154
#
# The Debian packages, built from the tarball, next to the installed numactl. They
# are really installed, in a temporary copy of the machine.

load ../lib/helper

setup_file() {
	needs_root
	unshare --mount true || cannot_run "needs to be able to mount"
	command -v dh >/dev/null || cannot_run "needs debhelper"
	dpkg -s numactl >/dev/null || cannot_run "needs numactl"
	DEB_BUILD_OPTIONS="nocheck noautodbgsym" in_build deb
	cp -a /var/lib/dpkg "$BATS_FILE_TMPDIR/dpkg"
	export DEBS=$abs_top_builddir/deb DPKG=$BATS_FILE_TMPDIR/dpkg COPY=$BATS_FILE_TMPDIR/copy
	copy_prepare
	BEFORE=$(numactl_state)
	export BEFORE
}

setup() {
	COPY=$BATS_TEST_TMPDIR
	copy_prepare
}

copy_prepare() {
	mkdir -p "$COPY"/{root,made,changes,work,dpkg-changes,dpkg-work}
}

# in_copy COMMANDS: run them in a copy of the machine; /mnt has the packages, /media the files of
# the test. The data of dpkg are a snapshot, so packages may be installed during the tests.
in_copy() {
	unshare --mount bash -c '
		set -e
		cd "$COPY"
		mount -t overlay overlay root -o lowerdir=/,upperdir=changes,workdir=work
		mount -t overlay overlay root/var/lib/dpkg \
			-o "lowerdir=$DPKG,upperdir=dpkg-changes,workdir=dpkg-work"
		mount --rbind /dev root/dev
		mount --rbind /proc root/proc
		mount --rbind /sys root/sys
		mount --bind "$DEBS" root/mnt
		mount --bind made root/media
		rm -f root/var/lib/man-db/auto-update	# an index of pages takes longer than all
		PATH=/usr/sbin:/usr/bin:/sbin:/bin exec chroot root bash -e -c "$1"
		' bash "$1" 3>&-
}

# numactl_state: its files, the errors that dpkg finds in them, and their diversions.
numactl_state() {
	in_copy 'find $(dpkg -L numactl) -maxdepth 0 -type f -exec sha256sum {} +
		dpkg -V numactl
		dpkg-divert --list "*migratepages*"'
}

assert_numactl_is_back() {
	assert_equal "$(numactl_state)" "$BEFORE"
	run -0 in_copy 'find /usr -name "migratepages.numactl*"'
	refute_output
}

# assert_ours COMMAND...: the commands exist, and have this version.
assert_ours() {
	local command version
	version=$(movepages --version)
	for command; do
		run -0 in_copy "$command --version"
		assert_output "${command##*/} ${version#* }"
	done
}

# assert_diverted: numactl's files are there under their other names.
assert_diverted() {
	assert_ours migratepages
	run -0 in_copy 'dpkg-divert --truename /usr/bin/migratepages
		zcat /usr/share/man/man8/migratepages.8.gz | grep "^.TH"
		cd /usr/bin && sha256sum migratepages.numactl
		cd ../share/man/man8 && sha256sum migratepages.numactl.8.gz'
	assert_line --index 0 /usr/bin/migratepages.numactl
	assert_line --index 1 --partial numapages
	assert_equal "$(sed -n 's/ .*//; 3,$p' <<<"$output")" \
		"$(sed -n 's, .*/migratepages.*,,p' <<<"$BEFORE")"
}

# changed PACKAGE COMMANDS: build /media/PACKAGE.deb after COMMANDS have changed its tree.
changed() {
	local made=$COPY/made
	dpkg-deb -R "$DEBS/$1"_*.deb "$made/tree"
	(cd "$made/tree" && eval "$2")
	dpkg-deb -b "$made/tree" "$made/$1.deb"
	rm -r "$made/tree"
}

@test "the packages do not contain documents for developers" {
	run -0 dpkg-deb -c "$DEBS"/numapages_*.deb
	assert_line --regexp '/usr/share/doc/numapages/README\.md'
	refute_line --regexp '/(design|testing|benchmarks|CONTRIBUTING)\.md'
}

# autopkgtest NAME [VARIABLE=VALUE...]: run that test of debian/tests, with the package installed
# and a clean environment.
autopkgtest() {
	tar -xf "$abs_top_builddir"/numapages-*.tar.xz -C "$COPY/made" --strip-components=1
	in_copy "dpkg -i /mnt/numapages_*.deb >/media/log; cd /media; mkdir tmp
		env -i PATH=\$PATH AUTOPKGTEST_TMP=/media/tmp ${*:2} debian/tests/$1"
}

@test "the self test of the autopkgtest tries the nodes of the machine" {
	local status=0
	[[ $(</sys/devices/system/node/has_memory) == *[,-]* ]] || status=77
	run -"$status" autopkgtest selftest
	assert_output --regexp "pairs passed, contents verified|skipped: only node [0-9]+ has memory"
}

@test "the autopkgtest tests the installed commands" {
	run -0 autopkgtest commands CLI_TESTS=tests/cli/many.bats
	assert_output --partial "PASS: tests/cli/many.bats 1 "
	# It tests the installed commands, and detects a failure.
	run ! in_copy 'dpkg -i /mnt/numapages_*.deb >/media/log; cd /media
		ln -sf /bin/false /usr/bin/movepages
		cd tmp/build && env -i PATH=$PATH make -s check-TESTS TESTS=tests/cli/many.bats'
	assert_output --partial "FAIL: tests/cli/many.bats 1 "
}

both='dpkg -i /mnt/numapages_*.deb /mnt/numapages-migratepages_*.deb'

@test "numapages leaves numactl's command and manual page alone" {
	run -0 in_copy 'apt-get install -y /mnt/numapages_*.deb'
	assert_numactl_is_back
	assert_ours movepages /usr/libexec/numapages/migratepages
	run -0 in_copy 'man -w numapages'
	assert_output /usr/share/man/man7/numapages.7.gz
}

@test "with numapages, PATH chooses the command and its manual page" {
	in_copy 'dpkg -i /mnt/numapages_*.deb'
	run -0 in_copy 'PATH=/usr/libexec/numapages:$PATH; command -v migratepages; man -w migratepages'
	assert_output "/usr/libexec/numapages/migratepages
/usr/libexec/numapages/man/man8/migratepages.8.gz"
}

@test "with numapages-migratepages, the command and its manual page are ours" {
	run -0 in_copy 'apt-get install -y /mnt/numapages_*.deb /mnt/numapages-migratepages_*.deb'
	assert_diverted
}

gives_back() {
	in_copy "$both; dpkg --$1 numapages-migratepages"
	assert_numactl_is_back
	assert_ours movepages
}

@test "removing it restores numactl's" { gives_back remove; }
@test "purging it restores numactl's" { gives_back purge; }

@test "it can be installed again" {
	in_copy "$both; dpkg --remove numapages-migratepages; $both"
	assert_diverted
}

@test "an upgrade does not change that" {
	changed numapages-migratepages 'sed -i "s/^Version: .*/&+new/" DEBIAN/control'
	in_copy "$both; dpkg -i /media/numapages-migratepages.deb"
	assert_diverted
	in_copy 'dpkg --remove numapages-migratepages'
	assert_numactl_is_back
}

# fails_and_gives_back COMMANDS: a package changed by COMMANDS cannot be installed, and numactl's
# files are restored.
fails_and_gives_back() {
	changed numapages-migratepages "$1"
	run ! in_copy 'dpkg -i /mnt/numapages_*.deb /media/numapages-migratepages.deb'
	assert_output --partial "error processing archive /media/numapages-migratepages.deb"
	assert_numactl_is_back
}

@test "an installation that conflicts with another package's file restores numactl's" {
	fails_and_gives_back 'touch usr/bin/dpkg'
}

@test "an installation that fails after the diversions restores numactl's" {
	fails_and_gives_back 'echo "exit 1" >>DEBIAN/preinst'
}

@test "after a failed upgrade, the command is still ours" {
	changed numapages-migratepages 'touch usr/bin/dpkg'
	in_copy "$both"
	run ! in_copy 'dpkg -i /media/numapages-migratepages.deb'
	assert_diverted
}

# numactl_again: build /media/numactl.deb from the installed files and the data of dpkg.
numactl_again() {
	local made=$COPY/made
	mkdir -p "$made/tree/DEBIAN"
	dpkg -L numactl | xargs -d '\n' -I '{}' find '{}' -maxdepth 0 ! -type d |
		(cd / && xargs -d '\n' cp -a --parents -t "$made/tree")
	dpkg-query -s numactl | sed '/^Status:/d' >"$made/tree/DEBIAN/control"
	dpkg-deb -b "$made/tree" "$made/numactl.deb"
}

@test "numactl can be installed later and upgraded, and gets its names when it is alone" {
	numactl_again
	in_copy "dpkg --force-depends --purge numactl; $both"
	assert_ours migratepages
	in_copy 'dpkg -i /media/numactl.deb'
	assert_diverted
	in_copy 'dpkg -i /media/numactl.deb; dpkg --purge numapages-migratepages'
	assert_numactl_is_back
}

@test "without numactl, removing the package leaves no file" {
	in_copy "dpkg --force-depends --purge numactl; $both; dpkg --purge numapages-migratepages numapages"
	run -0 in_copy 'find /usr/bin /usr/libexec /usr/share -path "*migratepages*" -o -path "*/numapages*"
		dpkg-divert --list "*migratepages*"'
	refute_output
}
