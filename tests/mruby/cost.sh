#!/bin/sh
# SPDX-License-Identifier: MIT
# cost.sh - what the markers cost an untraced mruby, in instructions: for each
# workload those of a round (of fib, a call), as released and with markers, and
# how many more, in %; and the geometric mean of these.
#
#   cost.sh PATCHED UNPATCHED
#
# Each is the difference of two sizes, so that start-up cancels out.

set -eu
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=SCRIPTDIR/../tools/instructions.sh
. "$here/../tools/instructions.sh"

program() {
    case $1 in
    fib)
        echo 'def fib(n) n < 2 ? n : fib(n - 1) + fib(n - 2) end
            ARGV[0].to_i.times { fib(10) }' ;;
    loop)
        echo 'i = 0; n = ARGV[0].to_i * 100; while i < n; i += 1; end' ;;
    blocks)
        echo '(ARGV[0].to_i * 100).times { |i| i }' ;;
    errors)
        echo 'def f() raise "x" end
            (ARGV[0].to_i * 100).times { begin; f; rescue; end }' ;;
    fibers)
        echo 'f = Fiber.new { loop { Fiber.yield } }
            (ARGV[0].to_i * 100).times { f.resume }' ;;
    esac
}

# count MRUBY WORKLOAD N: instructions of the whole process.
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null \
        "$1" -e "$(program "$2")" "$3" 2>&1 | sed -n 's/.*Collected : //p'
}

rounds() {
    if [ "$1" = fib ]; then
        echo 177        # calls of fib(10)
    else
        echo 100
    fi
}

first=20 second=60
cost_table "$1" "$2" fib loop blocks errors fibers
