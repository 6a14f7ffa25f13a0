#!/bin/sh
# SPDX-License-Identifier: MIT
# pythons.sh - make the root file system that has Debian's own interpreters:
# python3.13 of its stable release, and python3.14 and python3.15 of testing,
# with the tests of the standard library.
#
#   pythons.sh DIRECTORY
#
# Makes in DIRECTORY, unless it is there already and up to date,
#   root/           the tree; the interpreters run in it by chroot
#   versions        what was installed, "PACKAGE VERSION" a line
# debian.sh says where the packages come from, and what the exit status means.

set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=SCRIPTDIR/debian.sh
. "$here/debian.sh"
title="Debian's interpreters"
[ "$(id -u)" = 0 ] || unavailable "only root can make their root file system"
# shellcheck source=SCRIPTDIR/mounts.sh
. "$here/mounts.sh"
need_private_mounts "$0" "$@"       # so that nothing is left mounted
mkdir -p "$1"
exec 9> "$1/lock"                   # two tests may need it
flock 9
begin_root "$1" "$0" "$here/debian.sh"

stable_packages="python3.13 libpython3.13-stdlib libpython3.13-minimal
    python3.13-minimal libpython3.13-testsuite libpython3.13-dev libpython3.13"
packages="python3.14 libpython3.14-testsuite python3.15 libpython3.15-testsuite"

install_packages() {
    for package in $stable_packages; do
        printf '\nPackage: %s\nPin: release n=%s\nPin-Priority: 1001\n' \
            "$package" $stable
    done > "$root/etc/apt/preferences.d/stable-python"
    # shellcheck disable=SC2086
    apt install -y --no-install-recommends python3.13 libpython3.13-testsuite \
        libpython3.13-dev $packages
    in_root dpkg-query -W -f '${Package} ${Version}\n' python3.13 python3.14 \
        python3.15 > "$directory/versions"
    forget_packages
    mkdir -p "$root/pytrace"            # for what the tests bring
}

need_for_root 2000
make_base
step "python3.13, python3.14 and python3.15" install_packages
unmount_root
end_root
