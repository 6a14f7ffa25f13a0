#!/bin/sh
# sanitizers.sh - the library and the threaded host under sanitizers.
#
#   sanitizers.sh BUILDDIR DIRECTORY address|undefined|thread|valgrind
#
# Builds the library's source, the host (host.c) and the programs of signals
# and processes in DIRECTORY with a sanitizer of gcc, or for valgrind without,
# and runs them with the markers disabled; enabled, by the host itself; and,
# as root, traced (not under valgrind, which reads the probe's instruction
# itself, and would run into the kernel's breakpoint). Exit status 1 when
# something is found, or the programs fail.

set -eu
here=$(cd "$(dirname "$0")" && pwd)
builddir=$1 directory=$2 kind=$3
mkdir -p "$directory"
cd "$directory"

flags=
run=
if [ "$kind" = valgrind ]; then
    run="valgrind -q --error-exitcode=9 --fair-sched=yes"
else
    flags="-fsanitize=$kind -fno-sanitize-recover=all -fno-omit-frame-pointer"
fi
# shellcheck disable=SC2086
compile() {
    ${CC:-gcc} -std=gnu11 -O1 -g $flags -I"$builddir" -I"$builddir/include" \
        "$@"
}
compile -fPIC -mno-red-zone -c -o markers.o "$builddir/pytrace_probes.c"
compile -o host "$here/host.c" "$here/board.c" markers.o -lpthread
compile -o strings "$here/strings.c" markers.o
compile -o processes "$here/processes.c" markers.o

rm -f board.*
echo "$kind: disabled"
# shellcheck disable=SC2086
{
    $run ./host board.disabled 4 2000
    $run ./strings file > strings.out
    $run ./processes fork 5 > processes.out
    echo "$kind: enabled"
    $run ./host board.enabled 4 2000 enable
}
if [ "$kind" != valgrind ] && [ $# -gt 3 ]; then
    echo "$kind: traced"
    sh "$here/sites.sh" host > host.sites
    "$4" host.out host.sites all ./host board.traced 4 2000
    sh "$here/sites.sh" strings > strings.sites
    "$4" strings.counts strings.sites all ./strings file > strings.out
    grep -q -x 'function__entry 12' strings.counts
    awk '$2 != 8000 { wrong = 1 } END { exit wrong || NR != 8 }' host.out
fi
