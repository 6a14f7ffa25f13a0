#!/bin/sh
# SPDX-License-Identifier: MIT
# Other processors, each with a real kernel and its tracer: Debian's kernel in
# an emulated machine, in which the kernel's own uprobe events, with a counter
# (the semaphore), trace a host of tests/tools/processors. The probes are as
# the host's notes say. To try some only:
#   make check TESTS=tests/processors.sh CASES='aarch64 s390x'
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"
# shellcheck source=SCRIPTDIR/tools/cases.sh
. "$srcdir/tests/tools/cases.sh"

need "processors" cpio readelf timeout
need_markers "processors"
tools=$srcdir/tests/tools/processors
source=$work/source
limit=300                       # seconds for one machine; it needs 5 to 40

# The two files that a host of any processor compiles.
make_bundle() {
    (cd "$builddir" && $MAKE -s distdir distdir="$source") &&
        mkdir "$work/library" && cd "$work/library" &&
        "$source/configure" -q --disable-maintainer-mode \
            --with-probes="$tools/probes.d" &&
        $MAKE -s bundle provider/signatures
}
make_bundle > "$work/log" 2>&1 || {
    fail "the bundle is made" "$(tail -n 20 "$work/log")"
    finish
}
cd "$work" || exit 1

# The following work in the directory of a processor, whose values are in
# $processor, $triplet, $architecture, $flavour, $console and $machine.

# Debian's compiler makes Thumb code for ARM unless told otherwise; others may
# not. It is the harder case: no kernel traces it.
build_machine() {
    case $processor in
    armhf) flags="-O2 -mthumb" ;;
    *) flags=-O2 ;;
    esac
    mkdir root
    # shellcheck disable=SC2086
    "$triplet-gcc" $flags -static -I../library/bundle -o root/host \
        "$tools/host.c" ../library/bundle/pytrace_probes.c &&
        "$triplet-gcc" -O2 -static -o root/init "$tools/init.c" &&
        sh "$tools/events.sh" root/host ../library/provider/signatures /host \
            > root/events &&
        (cd root && find . | cpio -o -H newc --quiet) > initrd.cpio
}

# What the machine says, in the file "printed".
boot() {
    # One processor, so that the order of the events is certain.
    # shellcheck disable=SC2086
    timeout -k 5 $limit qemu-system-$machine -m 512 -smp 1 -display none \
        -serial stdio -monitor none -nic none -no-reboot \
        -kernel "$builddir/processors/$processor/kernel" -initrd initrd.cpio \
        -append "console=$console quiet panic=-1" < /dev/null 2>&1 |
        tr -d '\r' > printed
    grep -a '^| end$' printed > /dev/null || {
        echo "the machine did not come to its end in $limit seconds; its" \
            "console:"
        tail -n 20 printed
        return 1
    }
}

# What the host said of its guards and semaphores, and the kernel's events
# without what differs from run to run.
counted() {
    sed -n 's/^| \(.* semaphores .*\)/\1/p' printed
}
traced() {
    sed -n '/^| end/d; / semaphores /d
        s/^| //
        t ours
        b
        : ours
        s/^ *host-[0-9].* [0-9.]*: \([a-z_]*:\) (0x[^)]*)/\1/
        p' printed
}

counts="untraced: 0 taken, semaphores 0 0 0 0
traced: 4 taken, semaphores 1 1 1 1
started while traced: 4 taken, semaphores 1 1 1 1
no longer traced: 0 taken, semaphores 0 0 0 0
no longer traced: 0 taken, semaphores 0 0 0 0"

# events WORD NEGATIVE: of two hosts, each of which fired all once.
events() {
    one="function__entry: filename=\"a string\" funcname=\"\" lineno=3
words: text=\"a string\" word=$1 negative=$2
narrow: number=-2 half=-3 byte=200
bare:"
    printf '%s\n' "$one" "$one"
}

# why_not: what the processor needs that is not here.
why_not() {
    have "$triplet-gcc" || { echo "there is no $triplet-gcc"; return; }
    echo 'int main(void) { return 0; }' | "$triplet-gcc" -static -x c \
        -o /dev/null - 2> /dev/null ||
        { echo "$triplet-gcc has no C library to link with"; return; }
    have "qemu-system-${machine%% *}" ||
        echo "there is no qemu-system-${machine%% *}"
}

judge_processor() {
    reason=$(why_not)
    if [ -n "$reason" ]; then
        skip "$processor" "$reason"
        return
    fi
    log=$(sh "$tools/fetch.sh" "$builddir/processors/$processor" \
        "$architecture" "$flavour" 2>&1)
    case $? in
    0) ;;
    77)
        skip "$processor" "$log"
        return ;;
    *)
        fail "$processor: its kernel is fetched" "$log"
        return ;;
    esac
    mkdir "$processor"
    cd "$processor" || exit 1
    started=$(date +%s)
    succeeds "$processor: the host builds" build_machine
    succeeds "$processor: its machine comes to its end" boot
    same "$processor: the semaphores count the tracer" "$counts" "$(counted)"
    case $(readelf -h root/host) in
    *ELF64*) wanted=$(events 9833440827789222417 -1234605616436508552) ;;
    *) wanted=$(events 1144201745 -1432778632) ;;
    esac
    same "$processor: the kernel reads each event and argument" "$wanted" \
        "$(traced)"
    echo "# $processor: $(cat "$builddir/processors/$processor/release")," \
        "$(($(date +%s) - started)) s"
    cd "$work" || exit 1
}

while read -r processor triplet architecture flavour console machine <&3; do
    case $processor in
    '' | '#'*) continue ;;
    esac
    ! chosen "$processor" || judge_processor
done 3< "$tools/list"
finish
