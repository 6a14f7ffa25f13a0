#!/bin/sh
# SPDX-License-Identifier: MIT
# stock_cpython.sh - what ways cost that show where a CPython program spends its
# time: the module for a stock CPython, the patched port, and what Python has
# itself, in one run.
#
#   stock_cpython.sh BUILD ROOT
#
# BUILD is a build directory with pytrace, the module (make stock-cpython) and
# hosts/cpython; ROOT the file system of Debian's interpreters
# (tests/tools/pythons.sh). Prints a table: nanoseconds of a processor that a call
# takes, of a loop that calls an empty function; the least of five runs each, as
# others may use the machine. What is missing here has a dash.

set -eu
[ $# = 2 ] || { echo "usage: stock_cpython.sh BUILD ROOT" >&2; exit 2; }
srcdir=$(cd "$(dirname "$0")/.." && pwd)
builddir=$(cd "$1" && pwd)
root=$(cd "$2" && pwd)
export srcdir builddir
pytrace=$builddir/pytrace
scratch=$(mktemp -d "$builddir/bench.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
PYTHONPATH=$builddir/ports/stock-cpython
PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH PYTHONDONTWRITEBYTECODE
cp "$srcdir/bench/stock_cpython.py" "$scratch/calls.py"

# stock VERSION ARGUMENT...: Debian's.
stock() {
    version=$1
    shift
    sh "$srcdir/tests/tools/in_root.sh" "$root" /usr/bin/env -C "$scratch" \
        "/usr/bin/python$version" "$@"
}
patched() {
    (cd "$scratch" && "$builddir/hosts/cpython/python" "$@")
}
unpatched() {
    (cd "$scratch" && "$builddir/hosts/cpython/unpatched/python" "$@")
}
recorded() {
    "$pytrace" record --marker function__entry \
        --marker function__return --full block \
        -o "$scratch/calls.rec" -- "$@" 2> "$scratch/record.log"
}
# A shell's function is no command that pytrace can run.
recorded_stock() {
    version=$1
    shift
    recorded sh "$srcdir/tests/tools/in_root.sh" "$root" /usr/bin/env \
        -C "$scratch" "/usr/bin/python$version" "$@"
}
recorded_patched() {
    recorded "$builddir/hosts/cpython/python" "$@"
}

# row NAME COMMAND...: the least of five, in nanoseconds a call.
row() {
    name=$1
    shift
    least=$(for _ in 1 2 3 4 5; do
        "$@" 2> "$scratch/errors" | sed -n 's/^ns a call: //p'
    done | sort -g | head -n 1)
    printf '| %s | %s |\n' "$name" "${least:-–}"
}

calls=$scratch/calls.py
echo "| | ns a call |"
echo "| --- | ---: |"
for version in 3.13 3.14 3.15; do
    row "Debian's $version, untraced" stock $version "$calls"
    row "the module, untraced" stock $version -m pytrace "$calls"
    row "the module, each entry and return recorded" \
        recorded_stock $version -m pytrace "$calls"
    row "sys.setprofile, a function that does nothing" \
        stock $version "$calls" setprofile
    row "cProfile" stock $version "$calls" cprofile
done
row "3.15's profiling.sampling, 1,000 a second" stock 3.15 -m \
    profiling.sampling run -r 1khz -o "$scratch/samples" --pstats "$calls"
if [ -x "$builddir/hosts/cpython/python" ]; then
    row "CPython 3.13.5 of hosts/cpython as released" unpatched "$calls"
    row "the patched port, untraced" patched "$calls"
    row "the patched port, each entry and return recorded" \
        recorded_patched "$calls"
fi
