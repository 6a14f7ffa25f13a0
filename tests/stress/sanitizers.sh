#!/bin/sh
# SPDX-License-Identifier: MIT
# sanitizers.sh - the library under sanitizers: the unit tests, and the hosts of
# the stress tests.
#
#   sanitizers.sh BUILDDIR DIRECTORY address|undefined|thread|valgrind \
#       [COUNT [RECORDERS]]
#
# Builds the library's source and the programs in DIRECTORY with a sanitizer of
# gcc, or for valgrind without, and runs them with the markers disabled, and
# enabled by the programs themselves (enable.c); and, with the program COUNT
# (count.c), traced by the kernel; and, with RECORDERS (recorders.c), recorded
# from outside. valgrind's programs are not traced: it
# translates the instructions that are in memory, and would find the kernel's
# breakpoint there. UNIT_FLAGS is what the unit tests need from the compiler;
# they are left out where it is empty. Exit status 1 when something is found, or
# a program fails.

set -eu
here=$(cd "$(dirname "$0")" && pwd)
unit=${here%/*}/unit
builddir=$1 directory=$2 kind=$3 count=${4:-} recorders=${5:-}
mkdir -p "$directory"
cd "$directory"

flags=
run=
if [ "$kind" = valgrind ]; then
    # The unit tests write breakpoints into their own code.
    run="valgrind -q --error-exitcode=9 --fair-sched=yes --smc-check=all
        --trace-children=yes"
else
    flags="-fsanitize=$kind -fno-sanitize-recover=all -fno-omit-frame-pointer"
fi

# plainly FLAG...: compile without the sanitizer.
plainly() {
    ${CC:-gcc} -std=gnu11 -O1 -g -I"$builddir" -I"$builddir/include" "$@"
}

# shellcheck disable=SC2086
compile() {
    plainly $flags "$@"
}

# shellcheck disable=SC2086
run() {
    echo "$kind: $*"
    $run "$@" > printed
}

compile -fPIC -mno-red-zone -c -o markers.o "$builddir/pytrace_probes.c"
compile -c -o enable.o "$here/enable.c"
hosts="host strings processes"
# Handlers that jump, and threads that are cancelled anywhere, are more than
# ThreadSanitizer knows.
[ "$kind" = thread ] || hosts="$hosts signals"
compile -c -o board.o "$here/board.c"
for program in $hosts; do
    compile -c -o "$program.o" "$here/$program.c"
    compile -o "$program" "$program.o" board.o markers.o -lpthread
    compile -o "$program.enabled" "$program.o" board.o markers.o enable.o \
        -lpthread
done
if [ -n "${UNIT_FLAGS:-}" ]; then
    # Plainly, as ThreadSanitizer does not know memory of code.
    # shellcheck disable=SC2086
    plainly -c -o trap.o "$unit/trap.c" $UNIT_FLAGS
    # shellcheck disable=SC2086
    compile -o unit "$unit/pytrace_test.c" trap.o markers.o $UNIT_FLAGS \
        -lpthread
    run ./unit
    if grep '^not ok' printed; then
        exit 1
    fi
fi
for how in "" .enabled; do
    run ./host$how board$how 4 2000
    run ./strings$how file
    run ./processes$how fork 20
    grep -q -x "gc__done ${how:+6}0" printed
    [ "$kind" = thread ] || run ./signals$how 2000
done
if [ -n "$count" ] && [ "$kind" != valgrind ]; then
    for program in $hosts; do
        sh "$here/../tools/sites.sh" --offsets "$program" > "$program.sites"
    done
    run "$count" host.counts host.sites all ./host board.traced 4 2000
    awk '$2 != 8000 && $0 != "semaphores 0" { print; wrong = 1 }
        END { exit wrong || NR != 9 }' host.counts
    run "$count" strings.counts strings.sites all ./strings file
    grep -q -x 'function__entry 12' strings.counts
    run "$count" processes.counts processes.sites all ./processes vfork 20
    grep -q -x 'gc__done 60' processes.counts
    [ "$kind" = thread ] ||
        run "$count" signals.counts signals.sites all ./signals 2000
fi
if [ -n "$recorders" ]; then
    sh "$here/../tools/sites.sh" --offsets host > host.sites
    run ./host board.recorded 4 &
    host=$!
    "${recorders%/*}/control" board.recorded ready
    "${recorders%/*}/control" board.recorded rest 100
    "$recorders" cycles "$builddir/pytrace" board.recorded host.sites 20 1
    "${recorders%/*}/control" board.recorded stop
    wait $host
    if [ "$kind" != thread ]; then
        # LeakSanitizer does not work under ptrace, which has started it.
        # shellcheck disable=SC2086
        ASAN_OPTIONS=detect_leaks=0 \
            "$builddir/pytrace" record -o signals.rec -- $run ./signals 2000 \
            > printed
        "${recorders%/*}/recorded" signals.rec
    fi
fi
