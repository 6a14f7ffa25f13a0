#!/bin/sh
# SPDX-License-Identifier: MIT
# bench.sh - what markers cost, beside other ways to do the same: measure,
# print, and keep. "./quickstart bench" runs it.
#
#   bench.sh [--quick] BUILD
#
# BUILD is a configured build directory in which the Lua port was built. The
# results of untraced.sh and traced.sh, which say what they measure, are kept in
# BUILD/bench: results, a line for each figure; results.json; and plot.svg.
# Printed are the tables, and on the standard error what is being done.
#
# All figures are ratios or differences of one run, taken in turns. Other work
# on the machine widens the spreads.

set -eu
# What programs print is read below: in English, and bytes as they are.
LC_ALL=C
export LC_ALL
unset CDPATH
here=$(cd "$(dirname "$0")" && pwd)
quick=
case ${1:-} in
--quick)
    quick=--quick
    shift ;;
esac
if [ $# != 1 ] || [ ! -d "$1" ]; then
    echo "usage: bench.sh [--quick] BUILD" >&2
    exit 2
fi
builddir=$(cd "$1" && pwd)
export builddir
directory=$builddir/bench
results=$directory/results
mkdir -p "$directory"
if [ -f "$builddir/hosts/lua/lua-5.4.4.tar.gz" ]; then
    export LUA_TARBALL="${LUA_TARBALL:-$builddir/hosts/lua/lua-5.4.4.tar.gz}"
fi
started=$(date +%s)

# machine ROW VALUE
machine() {
    printf 'machine\t%s\t-\ttext\t%s\t\t\t\n' "$1" "$2" >> "$results.new"
}

: > "$results.new"
machine processor "$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo |
    head -n 1)"
machine processors "$(getconf _NPROCESSORS_ONLN)"
machine kernel "$(uname -sr)"
machine compiler "$(${CC:-gcc} --version | head -n 1)"
machine tracer "$(${PYTRACE_BPFTRACE:-bpftrace} --version)"
machine probe "$(sed -n 's/^PYTRACE_NOP = //p' "$builddir/Makefile")"
sh "$here/untraced.sh" $quick "$directory/untraced" "$results.new"
if [ "$(id -u)" = 0 ]; then
    sh "$here/traced.sh" $quick "$directory/traced" "$results.new"
else
    echo "bench.sh: tracing by the kernel needs root: the second half is left" \
        "out" >&2
fi

mv "$results.new" "$results"
awk -f "$here/table.awk" "$here/titles" "$results"
awk -f "$here/json.awk" "$results" > "$directory/results.json"
echo
if [ "$(id -u)" = 0 ] && command -v gnuplot > /dev/null; then
    sh "$here/plot.sh" "$results" "$directory/plot.svg"
    echo "The plot:    $directory/plot.svg"
fi
echo "The figures: $directory/results, $directory/results.json"
echo "This took $((($(date +%s) - started + 30) / 60)) minutes."
