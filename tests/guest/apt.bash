# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Get packages of another release without changing the sources of this machine: apt with separate
# lists, caches and sources. The archive is that of the machine.

# apt_prepare DIR SUITE...: make DIR; from now on apt-get and apt-cache use only these suites. If
# foreign is set, they use packages of this architecture, and none counts as installed.
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
	[[ ! ${foreign:-} ]] || apt_foreign >>"$dir/apt.conf"
	export APT_CONFIG=$dir/apt.conf
	apt-get -qq update >&2
}

apt_foreign()
{
	: >"$dir/status"
	cat <<-END
		Dir::State::status "$dir/status";
		APT::Architecture "$foreign";
		APT::Architectures { "$foreign"; };
	END
}

# packages_unpack DIR TREE: unpack the packages in DIR. In TREE, /bin, /lib... are in /usr.
packages_unpack()
{
	local name file
	for name in bin sbin lib lib64; do
		mkdir -p "$2/usr/$name"
		ln -s "usr/$name" "$2/$name"
	done
	for file in "$1"/*.deb; do
		dpkg-deb --fsys-tarfile "$file" | tar --keep-directory-symlink -C "$2" -x || return
	done
}

# Print the machine's release, such as bookworm.
apt_release()
{
	sed -n 's/^VERSION_CODENAME=//p' /etc/os-release
}

# Print the archive of the machine's own release.
apt_archive()
{
	local release
	release=$(apt_release)
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' \
		'Created-By: Packages' |
		awk -v release="$release" '$1 == release && $2 == "main" { print $3; exit }'
}
