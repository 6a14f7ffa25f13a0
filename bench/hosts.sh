#!/bin/sh
# SPDX-License-Identifier: MIT
# hosts.sh - what the markers cost an untraced program in each port: how many
# instructions more than in the same release without them, in %.
#
#   hosts.sh BUILD [PGO...]
#
# Prints a row for each interpreter that is built in BUILD/hosts ("./quickstart
# NAME RELEASE" builds one), and for each directory PGO that cpython_pgo.sh has
# made. "fib" is a call, "loops" the loop that has most more, "mean" the
# geometric mean of all programs of that host. Lua is built again, in
# BUILD/bench, with a seed of its hashes that is the same each time.
# What measures, and says more: tests/cost/measure.sh, tests/cpython/cost.sh,
# tests/quickjs/cost.sh. Takes some minutes for each row.

set -eu
LC_ALL=C
export LC_ALL
unset CDPATH
here=$(cd "$(dirname "$0")" && pwd)
tests=$here/../tests
if [ $# = 0 ] || [ ! -d "$1/hosts" ]; then
    echo "usage: hosts.sh BUILD [PGO...]" >&2
    exit 2
fi
builddir=$(cd "$1" && pwd)
shift
export builddir

# row HOST FIB: the table on the standard input has a row for each program, and
# a number of per cent last, or before a " %".
row() {
    awk -v host="$1" -v fib="$2" '
        function more(    i) {
            for (i = NF; i > 1; i--) if ($i == "%") return $(i - 1)
            return $NF
        }
        $1 == fib { call = more() }
        $1 ~ /loop/ && (loop == "" || more() + 0 > loop) { loop = more() + 0 }
        $1 == "mean" { mean = more() }
        END {
            printf "%-34s %+7.2f %+7.2f %+7.2f\n", host, call, loop, mean
        }'
}

printf '%-34s %7s %7s %7s\n' "more instructions, in %" fib loops mean
for release in 5.4.4 5.4.9 5.5.1; do
    for host in "lua-$release" lua; do
        file=$builddir/hosts/$host/lua-$release.tar.gz
        if [ -f "$file" ]; then
            LUA_VERSION=$release LUA_TARBALL=$file \
                sh "$tests/cost/measure.sh" "$builddir/bench/lua-$release" |
                row "Lua $release, -O2" calls
            break
        fi
    done
done

# cpython HOST PATCHED RELEASED FLAGS
cpython() {
    PAIRS=1 sh "$tests/cpython/cost.sh" "$2" "$3" "$1/src/Lib" |
        row "C$("$3" -V), $4" fib
}
for host in "$builddir"/hosts/cpython*; do
    [ ! -x "$host/unpatched/python" ] ||
        cpython "$host" "$host/python" "$host/unpatched/python" -O3
done
for pgo; do
    host=$(cat "$pgo/host")
    cpython "$host" "$pgo/patched/python" "$pgo/released/python" "PGO and LTO"
    [ ! -f "$pgo/again/built" ] ||
        cpython "$host" "$pgo/again/python" "$pgo/released/python" \
            "the noise of these"
done
for host in "$builddir"/hosts/quickjs*; do
    [ ! -x "$host/unpatched/qjs" ] ||
        sh "$tests/quickjs/cost.sh" "$host/qjs" "$host/unpatched/qjs" |
        row "QuickJS, ${host##*/}" fib
done
