#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh - run cases in virtual machines, one for each kernel that they ask for.
#
#   run.sh DIRECTORY STAGE CASE...
#
# DIRECTORY is where root.sh has made the root file system. STAGE is a
# directory that becomes /pytrace in there: it has lua/, python/, scripts/ and
# perhaps cpython/, nops/, security/ and seed/, and gets vm/, cases/ and
# results/. A CASE is a directory as in run_cases.sh; three more files in it are
# for here:
#   prepare   run before the machine starts, at this machine's own speed, in
#             the root file system by chroot, in the case's directory there;
#             this is where SystemTap compiles its modules ("stap -p4 -m NAME";
#             stap is told the kernel)
#   kernel    "stable" for the older kernel; otherwise it runs under testing
#   last      that it runs after the others, as what it sets stays set
# Leaves results in STAGE/results, as run_cases.sh says, with NAME.prepare, the
# log of that step, where there was one; the consoles in STAGE/KERNEL.console.
# Exit status 0 when every machine came to its end.

set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=SCRIPTDIR/../mounts.sh
. "$here/../mounts.sh"
need_private_mounts "$0" "$@"       # so that nothing is left mounted
directory=$(cd "$1" && pwd)
stage=$(cd "$2" && pwd)
shift 2
root=$directory/root
limit=3600                      # seconds for one machine
# For the emulator's speed; attaching a probe waits for RCU.
hurry="mitigations=off rcupdate.rcu_expedited=1"
hurry="$hurry rcupdate.rcu_normal_after_boot=0"
cpu=max,-avx,-avx2,-cx16        # what the emulator does without panics

mkdir -p "$stage/tools" "$stage/cases" "$stage/results"
cp "$here/init" "$here"/../*.sh "$stage/tools"
chmod +x "$stage/tools/init"
for case; do
    remove_tree "$stage/cases/$(basename "$case")"
    cp -R "$case" "$stage/cases"
done

kernel_of() {
    cat "$1/kernel" 2> /dev/null || echo testing
}

# prepare_case NAME: one prepare script, in the root.
prepare_case() {
    release=$(cat "$directory/$(kernel_of "$stage/cases/$1")/release")
    chroot "$root" env -i HOME=/root LC_ALL=C PYTRACE_CASES=/pytrace \
        SYSTEMTAP_RELEASE="$release" \
        DTRACE_OPT_SYSLIBDIR=/usr/lib/dtrace-without-io \
        PATH=/pytrace/python:/usr/sbin:/usr/bin:/sbin:/bin \
        sh -euc "cd /pytrace/cases/$1; . ./prepare" \
        > "$stage/results/$1.prepare" 2>&1 < /dev/null ||
        echo "prepare failed" >> "$stage/results/$1.failed"
}

# boot KERNEL CASE...: what the machine changes in its root is forgotten.
boot() {
    kernel=$1
    shift
    remove_tree "$stage.$kernel"
    mkdir "$stage.$kernel"
    for part in tools lua python cpython nops security scripts seed pytrace; do
        [ ! -e "$stage/$part" ] || cp -R "$stage/$part" "$stage.$kernel"
    done
    mkdir "$stage.$kernel/cases" "$stage.$kernel/results"
    for case; do
        cp -R "$stage/cases/$case" "$stage.$kernel/cases"
        echo "/pytrace/cases/$case"
    done > "$stage.$kernel/list"
    mke2fs -q -t ext4 -O ^has_journal -F -d "$stage.$kernel" \
        "$stage.$kernel.ext4" 512M > /dev/null
    # One processor: the emulator does not always see code that the kernel
    # changes under another one. It makes the order of events certain, too.
    # Its clock counts instructions (icount): so a busy machine makes it slow,
    # and does not make its time, its limits and its own clocks go wrong.
    timeout -k 5 $limit qemu-system-x86_64 -accel tcg -cpu "$cpu" \
        -icount shift=1,sleep=off \
        -m 2048 -smp 1 -display none -serial stdio -monitor none -no-reboot \
        -nic none -kernel "$directory/$kernel/vmlinuz" \
        -initrd "$directory/$kernel/initrd.cpio" \
        -append "console=ttyS0 quiet panic=-1 $hurry" \
        -drive "file=$directory/root.ext4,format=raw,if=virtio,snapshot=on" \
        -drive "file=$stage.$kernel.ext4,format=raw,if=virtio" \
        < /dev/null 2>&1 | tee "$stage/$kernel.console" |
        grep -a --line-buffered '^case ' || true
    remove_tree "$stage.$kernel/results"
    debugfs -R "rdump /results $stage.$kernel" "$stage.$kernel.ext4" \
        > "$stage/$kernel.rdump" 2>&1 || true
    cp -R "$stage.$kernel/results/." "$stage/results"
    remove_tree "$stage.$kernel"
    rm -f "$stage.$kernel.ext4"
    grep -a 'all cases done' "$stage/$kernel.console" > /dev/null || {
        echo "the machine with kernel $kernel did not come to its end, for which" \
            "it has $limit seconds; its console:"
        tail -n 20 "$stage/$kernel.console"
        return 1
    } >&2
}

# serve KERNEL CASE...: both kernels at once, on a processor each.
serve() {
    kernel=$1
    shift
    for case; do
        [ ! -f "$stage/cases/$case/prepare" ] || prepare_case "$case"
    done
    boot "$kernel" "$@"
}

mount --bind /proc "$root/proc"
mount --bind /dev "$root/dev"
mount --bind /sys "$root/sys"           # the kernel's types, for DTrace
mount --bind "$stage" "$root/pytrace"
# SystemTap ends a script that takes too much of the processor's time, which on
# an emulated machine of a busy one says nothing.
mkdir -p "$root/root/.systemtap"
echo "-DSTP_NO_OVERHEAD" > "$root/root/.systemtap/rc"
pids=
for kernel in testing stable; do
    chosen=
    last=
    for case; do
        name=$(basename "$case")
        [ "$(kernel_of "$case")" = $kernel ] || continue
        if [ -f "$case/last" ]; then
            last="$last $name"
        else
            chosen="$chosen $name"
        fi
    done
    chosen=$chosen$last
    [ -n "$chosen" ] || continue
    echo "kernel $(cat "$directory/$kernel/release"):$chosen"
    # shellcheck disable=SC2086
    serve $kernel $chosen &
    pids="$pids $!"
done
status=0
for pid in $pids; do
    wait "$pid" || status=1
done
exit $status
