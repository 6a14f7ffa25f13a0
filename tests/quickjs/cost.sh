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
# shellcheck source=SCRIPTDIR/../tools/instructions.sh
. "$here/../tools/instructions.sh"
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

rounds() {
    if [ "$1" = fib ]; then
        echo 177        # calls of fib(10)
    else
        echo 1
    fi
}

first=20 second=220
cost_table "$patched" "$unpatched" "$@"
