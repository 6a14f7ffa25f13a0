#!/bin/sh
# SPDX-License-Identifier: MIT
# measure.sh - what the markers cost while no tracer is attached, in
# instructions: a line for each, "NAME MORE", which tests/cost.sh compares with
# tests/cost/most.
#
#   measure.sh [--guards] DIRECTORY [FLAG...]
#
# DIRECTORY is for what is built. With --guards, the guards alone; they are
# compiled with the flags. Needs $builddir, where the header and the library
# are, and CC.

set -eu
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
source=$here/../..
parts="lua guards"
if [ "$1" = --guards ]; then
    parts=guards
    shift
fi
directory=$1
shift
mkdir -p "$directory"

# Programs of the benchmark in Lua: per cent more than as released, which is
# built in the same run.
lua() {
    release=${LUA_VERSION:-5.4.4}
    for host in lua "lua-$release"; do
        tarball=${builddir:?}/hosts/$host/lua-$release.tar.gz
        if [ -f "$tarball" ]; then
            export LUA_TARBALL="${LUA_TARBALL:-$tarball}"
        fi
    done
    sh "$source/bench/untraced.sh" --counts "$directory" \
        "$directory/results.new" >&2
    mv "$directory/results.new" "$directory/results"
    awk -F '\t' '
        $1 == "instructions" && $4 == "%" {
            more = sprintf("%.2f", $5)
            printf "%-10s %+.2f\n", $2, more + 0 ? more : 0
        }' "$directory/results"
}

count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 |
        sed -n 's/.*Collected : //p'
}

# Functions of tests/code/guard.c: instructions a round more than the same
# compiled with PYTRACE_WITHOUT_DTRACE. "guard" is one guard in a loop; "byte"
# is the test of a group and a byte, instead of the byte alone.
guards() {
    for variant in with without; do
        [ $variant = with ] || set -- "$@" -DPYTRACE_WITHOUT_DTRACE
        ${CC:-gcc} -std=c99 -O2 "$@" -I"$builddir/include" \
            -c "$here/../code/guard.c" -o "$directory/$variant.o"
        ${CC:-gcc} -std=c99 -O1 -o "$directory/$variant" "$here/calls.c" \
            "$directory/$variant.o" "$builddir/libpytrace.a"
    done
    for work in loop byte; do
        for variant in with without; do
            small=$(count "$directory/$variant" $work 1000)
            large=$(count "$directory/$variant" $work 2000)
            echo $((large - small))
        done | awk -v name=$work '
            { count[NR] = $1 }
            END {
                printf "%-10s %+.2f\n", name == "loop" ? "guard" : name,
                    (count[1] - count[2]) / 1000
            }'
    done
}

for part in $parts; do
    $part "$@"
done
