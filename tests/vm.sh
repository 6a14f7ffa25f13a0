#!/bin/sh
# SPDX-License-Identifier: MIT
# The cases that need a kernel of their own: SystemTap, DTrace, bcc and new
# bpftrace, in virtual machines under emulation. A case is a directory of
# tests/tracers/vm; tests/tools/vm/run.sh and run_cases.sh say what is in it. Beside
# "command" it has the "expected" output. To run some cases only:
#   make check-vm CASES='NAME...'
# PYTRACE_VM is where the root file system is kept, build/vm unless given.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"
# shellcheck source=SCRIPTDIR/tools/cases.sh
. "$srcdir/tests/tools/cases.sh"

need_lua "virtual machine"
vm=${PYTRACE_VM:-$builddir/vm}
started=$(date +%s)

# watched LOG COMMAND...: run it with its output in LOG and, as TAP's comments,
# here; gives its exit status.
watched() {
    log=$1
    shift
    {
        "$@" 2>&1
        echo $? > "$work/status"
    } | tee "$log" | awk '{ print "# " $0; fflush() }'
    return "$(cat "$work/status")"
}

watched "$work/root.log" sh "$srcdir/tests/tools/vm/root.sh" "$vm"
case $? in
0) sed 's/^/# version: /' "$vm/versions" ;;
77)
    skip "virtual machine" "$(tail -n 1 "$work/root.log")"
    finish ;;
*)
    fail "virtual machine" "$(cat "$work/root.log")"
    finish ;;
esac

stage=$work/stage
make_stage "$stage"
mkdir "$stage/source"               # to be built with a real DTrace
cp -R "$builddir/hosts/source" "$stage/source/pytrace"
cp "$builddir"/hosts/lua/*.tar.gz "$stage/source"
# A host of each form of the probe's instruction, and where its probe is.
stage_nops() {
    mkdir "$stage/nops"
    for form in nop nop5 nop+nop5 nop+nop10; do
        mkdir -p "$work/$form"
        (cd "$work/$form" && "$builddir/hosts/source/configure" -q \
            --disable-maintainer-mode --with-probe-nop="$form" &&
            $MAKE -s && gcc -O2 -DHOST_PYTRACE -Iinclude \
            -o "$stage/nops/host-$form" "$srcdir/bench/host.c" libpytrace.a \
            -lpthread) > "$work/$form.log" 2>&1 || tail -n 20 "$work/$form.log"
        sh "$srcdir/tests/tools/sites.sh" "$stage/nops/host-$form" |
            awk '$2 == "gc__done" { print $3 }' > "$stage/nops/site-$form"
    done
}
stage_nops
# What tests/security.sh asks with, for other kernels.
stage_security() {
    mkdir "$stage/security"
    (cd "$stage/security" &&
        gcc -O2 -I"$builddir/include" -o host "$srcdir/tests/security/host.c" \
            "$builddir/libpytrace.a" &&
        gcc -O2 -o open_uprobe "$srcdir/tests/security/open_uprobe.c" &&
        gcc -O2 -I"$builddir/include" -o recorded "$srcdir/tests/record/host.c" \
            "$builddir/libpytrace.a" -lpthread && cp "$builddir/pytrace" . &&
        sh "$srcdir/tests/tools/sites.sh" --offsets host |
        awk '$1 == "audit" { print $2, $3 }' > site)
}
stage_security
choose_cases "$srcdir/tests/tracers/vm"
# shellcheck disable=SC2086
if ! watched "$work/log" sh "$srcdir/tests/tools/vm/run.sh" "$vm" "$stage" $cases
then
    fail "the virtual machines come to their end" "$(cat "$work/log")"
fi

for case in $cases; do
    judge_case "$case" "$stage/results"
done
echo "# in all $(($(date +%s) - started)) s"
finish
