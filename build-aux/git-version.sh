#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Print the version: a release tarball's own, otherwise what git knows of the
# last tag, otherwise 0.0.0. Run by autoconf in the top directory of the source.
set -u

describe()
{
	git -c safe.directory='*' "$@" 2>/dev/null
}

if [ -f .tarball-version ]; then
	cat .tarball-version
elif [ ! -e .git ]; then
	echo 0.0.0
elif tag=$(describe describe --match 'v[0-9]*' --dirty); then
	echo "${tag#v}"
elif commit=$(describe rev-parse --short HEAD); then
	echo "0.0.0-g$commit"
else
	echo 0.0.0
fi
