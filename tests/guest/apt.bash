# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Packages of another release than the machine's, without touching its sources: apt with
# lists, caches and sources of its own. The archive is the one the machine itself uses.

# apt_prepare DIR SUITE...: make DIR; from here on apt-get and apt-cache know these suites
# and nothing else.
apt_prepare()
{
	local dir=$1 archive suite keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	shift
	archive=$(apt_archive)
	[[ $archive ]] || return 1
	mkdir -p "$dir/lists/partial" "$dir/archives/partial"
	[[ -e $keyring ]] || keyring=
	for suite; do
		echo "deb ${keyring:+[signed-by=$keyring] }$archive $suite main"
	done >"$dir/sources.list"
	cat >"$dir/apt.conf" <<-END
		Dir::State::Lists "$dir/lists";
		Dir::Cache "$dir";
		Dir::Etc::SourceList "$dir/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		APT::Sandbox::User "root";
	END
	export APT_CONFIG=$dir/apt.conf
	apt-get -qq update >&2
}

# The machine's release, like bookworm.
apt_release()
{
	sed -n 's/^VERSION_CODENAME=//p' /etc/os-release
}

# Where the machine gets its own release from.
apt_archive()
{
	local release
	release=$(apt_release)
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' \
		'Created-By: Packages' |
		awk -v release="$release" '$1 == release && $2 == "main" { print $3; exit }'
}
