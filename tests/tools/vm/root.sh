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
# ../debian.sh says where the packages come from, and what the exit status
# means.

set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=SCRIPTDIR/../debian.sh
. "$here/../debian.sh"
title="virtual machine"
[ "$(id -u)" = 0 ] || unavailable "only root can make its root file system"
# shellcheck source=SCRIPTDIR/../mounts.sh
. "$here/../mounts.sh"
need_private_mounts "$0" "$@"       # so that nothing is left mounted
begin_root "$1" "$0" "$here/../debian.sh" "$here/initrd_init"

packages="systemtap dtrace bpftrace bpfcc-tools linux-perf gdb gcc libc6-dev
    make patch pkgconf busybox-static kmod xz-utils linux-image-cloud-amd64
    linux-headers-cloud-amd64"
export INITRD=No                    # to the kernels' packages

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
    forget_packages
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

need_for_root 6000 qemu-system-x86_64 mke2fs debugfs xz cpio
rm -f "$directory/root.ext4"
make_base
step "tracers and kernels" install_packages
step "kernels" all_boot_files
unmount_root
step "image" mke2fs -q -t ext4 -O ^has_journal -d "$root" \
    "$directory/root.ext4" 4G
end_root
