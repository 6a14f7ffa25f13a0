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
# The packages come from where this machine's apt gets its own, and are signed
# by Debian, or refused. Exit status 77 when that cannot be had here, with one
# line that says why; 1 when it fails.

set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd)

unavailable() {
    echo "Debian's interpreters: $*" >&2
    exit 77
}

[ "$(id -u)" = 0 ] || unavailable "only root can make their root file system"
# shellcheck source=SCRIPTDIR/mounts.sh
. "$here/mounts.sh"
need_private_mounts "$0" "$@"       # so that nothing is left mounted
mkdir -p "$1"
directory=$(cd "$1" && pwd)
exec 9> "$directory/lock"           # two tests may need it
flock 9
root=$directory/root
log=$directory/root.log

suite=testing
stable=trixie
stable_packages="python3.13 libpython3.13-stdlib libpython3.13-minimal
    python3.13-minimal libpython3.13-testsuite libpython3.13-dev libpython3.13"
packages="python3.14 libpython3.14-testsuite python3.15 libpython3.15-testsuite"

stamp=$(sha256sum < "$0" | cut -d' ' -f1)
if [ "$(cat "$directory/stamp" 2> /dev/null)" = "$stamp" ]; then
    exit 0
fi

[ "$(uname -m)" = x86_64 ] || unavailable "they were tried on x86-64"
for program in apt-get debootstrap gpgv unshare; do
    command -v $program > /dev/null 2>&1 ||
        unavailable "there is no $program"
done
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -f $keyring ] ||
    unavailable "there is no $keyring (Debian's debian-archive-keyring)"
free=$(df -Pm "$directory" | awk 'NR == 2 { print $4 }')
[ "$free" -gt 2000 ] ||
    unavailable "$directory has ${free} MB free; it needs 2000"

remove_tree "$root"
rm -f "$directory/stamp" "$directory/versions"

step() {
    echo "  Debian's interpreters: $1"
    echo "== $1" >> "$log"
    shift
    "$@" >> "$log" 2>&1 || {
        tail -n 15 "$log" >&2
        echo "pythons.sh: this step failed; the whole log is $log" >&2
        exit 1
    }
}

: > "$log"
archive=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
    2>> "$log" | sed 's|/*$||' | grep '/debian$' | head -n 1)
[ -n "$archive" ] ||
    unavailable "this machine's apt has no package lists of Debian's archive;" \
        "run apt-get update"

base() {
    debootstrap --variant=minbase --keyring=$keyring --force-check-gpg $suite \
        "$root" "$archive"
}

in_root() {
    chroot "$root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# The lists are often older than a machine's clock allows. Of the signature,
# only that is overlooked.
apt() {
    in_root apt-get -q -o Acquire::Check-Valid-Until=false \
        -o Acquire::Check-Date=false -o Acquire::Retries=3 "$@"
}

configure_root() {
    mount --bind /proc "$root/proc"
    mount --bind /dev "$root/dev"
    # The one that has checked the base; there may be an older one in it.
    mkdir -p "$root${keyring%/*}"
    cp "$keyring" "$root$keyring"
    for file in /etc/apt/apt.conf /etc/apt/apt.conf.d/*; do
        [ ! -f "$file" ] || cp "$file" "$root/etc/apt/apt.conf.d/"
    done
    for release in $suite $stable; do
        echo "deb [signed-by=$keyring] $archive $release main"
    done > "$root/etc/apt/sources.list"
    printf 'Package: *\nPin: release n=%s\nPin-Priority: 50\n' $stable \
        > "$root/etc/apt/preferences.d/stable"
    for package in $stable_packages; do
        printf '\nPackage: %s\nPin: release n=%s\nPin-Priority: 1001\n' \
            "$package" $stable
    done > "$root/etc/apt/preferences.d/stable-python"
    # The tree lives as long as the build directory.
    printf '%s\n' force-unsafe-io 'path-exclude=/usr/share/doc/*' \
        'path-exclude=/usr/share/man/*' 'path-exclude=/usr/share/locale/*' \
        > "$root/etc/dpkg/dpkg.cfg.d/small"
    apt update
}

install_packages() {
    # shellcheck disable=SC2086
    apt install -y --no-install-recommends python3.13 libpython3.13-testsuite \
        libpython3.13-dev $packages
    in_root dpkg-query -W -f '${Package} ${Version}\n' python3.13 python3.14 \
        python3.15 > "$directory/versions"
    apt clean
    rm -rf "$root"/var/lib/apt/lists/*
    mkdir -p "$root/pytrace"            # for what the tests bring
}

step "Debian $suite" base
step "package lists" configure_root
step "python3.13, python3.14 and python3.15" install_packages
umount "$root/dev" "$root/proc"
echo "$stamp" > "$directory/stamp"
