#!/bin/sh
# SPDX-License-Identifier: MIT
# boot.sh - run a script under systemd, this machine's own, as the first process
# of namespaces of its own, on this machine's root, of which nothing is changed.
#
#   unshare -m -p -f --kill-child -C -n -i -u --propagation private \
#       sh boot.sh DIRECTORY PYTRACE INTERPRETER SCRIPT
#
# The units of packaging/systemd and PYTRACE are installed there, INTERPRETER is
# /usr/local/bin/lua. SCRIPT runs in DIRECTORY, its output is in the file output
# there; the file "ended" says that it came to its end.

set -eu
here=$(cd "$(dirname "$0")" && pwd)
directory=$1 pytrace=$2 interpreter=$3 script=$4
root=$directory/root memory=$directory/memory
mkdir -p "$root" "$memory"
mount -t tmpfs tmpfs "$memory"
mkdir "$memory/upper" "$memory/work"
mount -t overlay overlay -o "lowerdir=/,upperdir=$memory/upper" \
    -o "workdir=$memory/work" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir "$root/run/test"
mount --bind "$directory" "$root/run/test"
cp "$pytrace" "$root/usr/bin/pytrace"
cp "$interpreter" "$root/usr/local/bin/lua"
cp "$script" "$root/run/test-script"
cp "$here/../tools/wait.sh" "$root/run/test-wait"
rm -rf "$root/etc/systemd/system"       # what this machine has enabled
mkdir "$root/etc/systemd/system"
cp "$here"/../../packaging/systemd/*.service "$root/etc/systemd/system"
: > "$root/etc/machine-id"
cat > "$root/etc/systemd/system/test.service" <<'END'
[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
WorkingDirectory=/run/test
ExecStart=/bin/sh -u /run/test-script
ExecStopPost=/usr/bin/touch /run/test/ended
StandardOutput=file:/run/test/output
StandardError=file:/run/test/output
END
ip link set lo up
# (Not chroot: a service with mounts of its own would be outside of that.)
cd "$root"
pivot_root . .
umount -l .
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --unit=test.service --log-target=console \
    --show-status=false
