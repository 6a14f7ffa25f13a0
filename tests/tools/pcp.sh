#!/bin/sh
# SPDX-License-Identifier: MIT
# pcp.sh - run a command where Debian's PCP is installed, without installing it
# here: its package starts services, which needs systemd.
#
#   pcp.sh DIRECTORY COMMAND...
#
# The packages are kept in DIRECTORY. They come from where this machine's apt
# gets its own, and are signed by Debian, or refused. The command has a root of
# its own: this machine's with the packages laid over it. What it writes there
# is in memory and forgotten, but for $srcdir and $builddir, which are the real
# ones. Exit status 77 when this cannot be had here, with one line that says
# why.

set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd)

unavailable() {
    echo "PCP: $*" >&2
    exit 77
}

[ "$(id -u)" = 0 ] || unavailable "only root can lay it over a root"
# shellcheck source=SCRIPTDIR/mounts.sh
. "$here/mounts.sh"
need_private_mounts "$0" "$@"
command -v apt-get > /dev/null 2>&1 || unavailable "there is no apt-get"
grep -q -w overlay /proc/filesystems || modprobe overlay 2> /dev/null ||
    unavailable "this kernel has no overlay file system"
mkdir -p "$1"
packages=$(cd "$1" && pwd)
shift

# All that are not installed, as apt would install them.
if [ ! -f "$packages/complete" ]; then
    mkdir -p "$packages/partial"
    apt-get install -q -y --no-install-recommends --download-only --reinstall \
        -o Dir::Cache::archives="$packages" -o APT::Sandbox::User= pcp \
        > "$packages/log" 2>&1 ||
        unavailable "$(sed -n 's/^E: *//p' "$packages/log" | head -n 1)"
    : > "$packages/complete"
fi

root=$packages/root
mkdir -p "$root" "$packages/memory"
mount -t tmpfs tmpfs "$packages/memory"
mkdir "$packages/memory/upper" "$packages/memory/work"
for package in "$packages"/*.deb; do
    dpkg -x "$package" "$packages/memory/upper"
done
# A directory would hide the link that /lib is.
cp -a "$packages/memory/upper/lib/." "$packages/memory/upper/usr/lib"
rm -r "$packages/memory/upper/lib"
mount -t overlay overlay -o "lowerdir=/,upperdir=$packages/memory/upper" \
    -o "workdir=$packages/memory/work" "$root"
for place in /proc /sys /dev "${srcdir:?}" "${builddir:?}"; do
    mkdir -p "$root$place"
    mount --rbind "$place" "$root$place"
done
chroot "$root" ldconfig
exec chroot "$root" env -C "$PWD" "$@"
