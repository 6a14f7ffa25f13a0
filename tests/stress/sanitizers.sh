#!/bin/sh
# sanitizers.sh - the library under sanitizers: the unit tests, the threaded
# host (host.c) and the strings (strings.c).
#
#   sanitizers.sh BUILDDIR DIRECTORY address|undefined|thread|valgrind [COUNT]
#
# Builds the library's source and the programs in DIRECTORY with a sanitizer of
# gcc, or for valgrind without, and runs them with the markers disabled, and
# enabled by the programs themselves; and, with the program COUNT (count.c),
# traced by the kernel. valgrind's programs are not traced: it translates the
# instructions that are in memory, and would find the kernel's breakpoint there.
# UNIT_FLAGS is what the unit tests need from the compiler; they are left out
# where it is empty. Exit status 1 when something is found, or a program fails.

set -eu
here=$(cd "$(dirname "$0")" && pwd)
unit=${here%/*}/unit
builddir=$1 directory=$2 kind=$3 count=${4:-}
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
    "${CC:-gcc}" -std=gnu11 -O1 -g -I"$builddir" -I"$builddir/include" "$@"
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
compile -o host "$here/host.c" "$here/board.c" markers.o -lpthread
compile -o strings "$here/strings.c" markers.o
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
rm -f board.*
run ./host board.disabled 4 2000
run ./host board.enabled 4 2000 enable
run ./strings file
if [ -n "$count" ] && [ "$kind" != valgrind ]; then
    for program in host strings; do
        sh "$here/sites.sh" $program > $program.sites
    done
    run "$count" host.counts host.sites all ./host board.traced 4 2000
    run "$count" strings.counts strings.sites all ./strings file
    awk '$2 != 8000 { print; wrong = 1 } END { exit wrong || NR != 8 }' \
        host.counts
    grep -q -x 'function__entry 12' strings.counts
fi
