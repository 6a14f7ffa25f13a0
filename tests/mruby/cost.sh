#!/bin/sh
# SPDX-License-Identifier: MIT
# cost.sh - what the markers cost an untraced mruby, in instructions: for each
# workload those of a round (of fib, a call), as released and with markers, and
# how many more, in %.
#
#   cost.sh PATCHED UNPATCHED
#
# Each is the difference of two sizes, so that start-up cancels out.

set -eu
LC_ALL=C
export LC_ALL
patched=$1 unpatched=$2

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

# of_round MRUBY WORKLOAD
of_round() {
    first=$(count "$1" "$2" 20)
    second=$(count "$1" "$2" 60)
    rounds=4000
    [ "$2" != fib ] || rounds=$((40 * 177)) # calls of fib(10)
    awk -v more=$((second - first)) -v rounds=$rounds \
        'BEGIN { printf "%.2f\n", more / rounds }'
}

printf '%-12s %10s %10s %8s\n' workload released markers more
for workload in fib loop blocks errors fibers; do
    released=$(of_round "$unpatched" "$workload")
    with=$(of_round "$patched" "$workload")
    awk -v name="$workload" -v a="$released" -v b="$with" 'BEGIN {
        printf "%-12s %10.2f %10.2f %+6.2f %%\n", name, a, b, (b - a) * 100 / a
    }'
done
