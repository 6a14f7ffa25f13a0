#!/bin/sh
# SPDX-License-Identifier: MIT
# root.sh - make the root file system that the virtual machines boot: Debian
# testing with the tracers, and two kernels with their headers.
#
#   root.sh DIRECTORY
#
# Makes in DIRECTORY, unless it is there already and up to date,
#   root/           the tree; modules are compiled in it by chroot
#   root.ext4       an image of it
#   KERNEL/vmlinuz, KERNEL/initrd, KERNEL/release
#                   for KERNEL "testing", and "stable", the one before, as
#                   some tools do not compile with the headers of the newest
#   versions        what was installed, "PACKAGE VERSION" a line
# The packages come from where this machine's apt gets its own, and are signed
# by Debian, or refused. Exit status 77 when that cannot be had here, with one
# line that says why; 1 when it fails.

set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd)

unavailable() {
    echo "virtual machine: $*" >&2
    exit 77
}

[ "$(id -u)" = 0 ] || unavailable "only root can make its root file system"
# shellcheck source=SCRIPTDIR/../mounts.sh
. "$here/../mounts.sh"
need_private_mounts "$0" "$@"       # so that nothing is left mounted
mkdir -p "$1"
directory=$(cd "$1" && pwd)
root=$directory/root
log=$directory/root.log

# The suite that has what the newest kernel's tools need, and one before it.
suite=testing
stable=trixie
packages="systemtap dtrace bpftrace bpfcc-tools linux-perf gdb gcc libc6-dev
    make patch pkgconf busybox-static kmod xz-utils linux-image-cloud-amd64
    linux-headers-cloud-amd64"

stamp=$(cat "$0" "$here/initrd_init" | sha256sum | cut -d' ' -f1)
if [ "$(cat "$directory/stamp" 2> /dev/null)" = "$stamp" ]; then
    exit 0
fi

[ "$(uname -m)" = x86_64 ] || unavailable "its tracers are packaged for x86-64"
for program in apt-get debootstrap gpgv unshare qemu-system-x86_64 mke2fs \
    debugfs xz cpio; do
    command -v $program > /dev/null 2>&1 ||
        unavailable "there is no $program"
done
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -f $keyring ] ||
    unavailable "there is no $keyring (Debian's debian-archive-keyring)"
free=$(df -Pm "$directory" | awk 'NR == 2 { print $4 }')
[ "$free" -gt 6000 ] ||
    unavailable "$directory has ${free} MB free; it needs 6000"

remove_tree "$root"
rm -f "$directory/root.ext4" "$directory/stamp" "$directory/versions"

step() {
    echo "  virtual machine: $1"
    echo "== $1" >> "$log"
    shift
    "$@" >> "$log" 2>&1 || {
        tail -n 15 "$log" >&2
        echo "root.sh: this step failed; the whole log is $log" >&2
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
    chroot "$root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C INITRD=No \
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
    mount -t devpts devpts "$root/dev/pts"
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
    # The tree lives as long as the build directory.
    printf '%s\n' force-unsafe-io 'path-exclude=/usr/share/doc/*' \
        'path-exclude=/usr/share/man/*' 'path-exclude=/usr/share/locale/*' \
        > "$root/etc/dpkg/dpkg.cfg.d/small"
    apt update
}

install_packages() {
    # shellcheck disable=SC2086
    apt install -y --no-install-recommends $packages
    release=$(in_root apt-cache pkgnames linux-image-6 |
        sed -n 's/^linux-image-\(.*-cloud-amd64\)$/\1/p' | sort -V | tail -n 1)
    apt install -y --no-install-recommends "linux-image-$release" \
        "linux-headers-$release"
    in_root dpkg-query -W -f '${Package} ${Version}\n' systemtap dtrace \
        bpftrace bpfcc-tools linux-perf gdb gcc 'linux-image-*-cloud-amd64' \
        > "$directory/versions"
    # Rooms for what is mounted there.
    mkdir -p "$root/pytrace" "$root/sys/kernel/debug"
    # DTrace's own library without the part that does not fit these kernels,
    # for DTRACE_OPT_SYSLIBDIR.
    mkdir "$root/usr/lib/dtrace-without-io"
    cp -R "$root"/usr/lib/*/dtrace/* "$root/usr/lib/dtrace-without-io"
    find "$root/usr/lib/dtrace-without-io" -name io.d -delete
    apt clean
    rm -rf "$root"/var/lib/apt/lists/*
}

# boot_files NAME RELEASE
boot_files() {
    mkdir -p "$directory/$1/initrd/bin"
    cp "$root/boot/vmlinuz-$2" "$directory/$1/vmlinuz"
    echo "$2" > "$directory/$1/release"
    cp "$root/usr/bin/busybox" "$directory/$1/initrd/bin"
    cp "$here/initrd_init" "$directory/$1/initrd/init"
    chmod +x "$directory/$1/initrd/init"
    xz -dc "$root/lib/modules/$2/kernel/drivers/block/virtio_blk.ko.xz" \
        > "$directory/$1/initrd/virtio_blk.ko"
    (cd "$directory/$1/initrd" &&
        find . | cpio -o -H newc --quiet > ../initrd.cpio)
    rm -rf "$directory/$1/initrd"
}

all_boot_files() {
    for release in $(cd "$root/lib/modules" && echo *); do
        case $release in
        6.*) boot_files stable "$release" ;;
        *) boot_files $suite "$release" ;;
        esac
    done
}

step "Debian $suite" base
step "package lists" configure_root
step "tracers and kernels" install_packages
step "kernels" all_boot_files
umount "$root/dev/pts" "$root/dev" "$root/proc"
step "image" mke2fs -q -t ext4 -O ^has_journal -d "$root" \
    "$directory/root.ext4" 4G
echo "$stamp" > "$directory/stamp"
