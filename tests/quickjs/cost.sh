#!/bin/sh
# SPDX-License-Identifier: MIT
# cost.sh - what the markers cost an untraced QuickJS, in instructions: for each
# workload of cost.js those of a round (of fib, a call), as released and with
# markers, and how many more, in %; and the geometric mean of these.
#
#   cost.sh PATCHED UNPATCHED [WORKLOAD...]
#
# Each is the difference of two sizes, so that start-up cancels out; without
# those of the C library's malloc(), realloc() and free(), which differ with
# what lies where. A tracer of the whole machine changes the counts.

set -eu
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
# (valgrind 3.19 cannot read the debug information of clang 14, and gives up.)
strip -g -o "$directory/patched" "$1"
strip -g -o "$directory/unpatched" "$2"
patched=$directory/patched unpatched=$directory/unpatched
shift 2
[ $# -gt 0 ] || set -- fib loop while_loop yield methods callbacks errors

# count QJS WORKLOAD N: instructions of the whole process.
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null \
        --toggle-collect=malloc --toggle-collect=realloc \
        --toggle-collect=calloc --toggle-collect=free \
        --toggle-collect=malloc_usable_size --collect-atstart=yes \
        "$1" "$here/cost.js" "$2" "$3" 2>&1 | sed -n 's/.*Collected : //p'
}

# of_round QJS WORKLOAD
of_round() {
    first=$(count "$1" "$2" 20)
    second=$(count "$1" "$2" 220)
    rounds=200
    [ "$2" != fib ] || rounds=$((200 * 177))    # calls of fib(10)
    awk -v more=$((second - first)) -v rounds=$rounds \
        'BEGIN { printf "%.2f\n", more / rounds }'
}

printf '%-12s %10s %10s %8s\n' workload released markers more
for workload; do
    released=$(of_round "$unpatched" "$workload")
    with=$(of_round "$patched" "$workload")
    awk -v name="$workload" -v a="$released" -v b="$with" 'BEGIN {
        printf "%-12s %10.2f %10.2f %+6.2f %%\n", name, a, b, (b - a) * 100 / a
    }'
done | awk '
    { print; more += log($3 / $2) }
    END {
        printf "%-12s %10s %10s %+6.2f %%\n", "mean", "", "",
            100 * (exp(more / NR) - 1)
    }'
