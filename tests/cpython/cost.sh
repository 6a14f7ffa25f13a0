#!/bin/sh
# SPDX-License-Identifier: MIT
# cost.sh - what the markers cost an untraced CPython, as a table.
#
#   cost.sh PATCHED UNPATCHED LIBRARY [WORKLOAD...]
#
# PATCHED and UNPATCHED are the interpreters, built with the same flags; LIBRARY
# is the standard library for both. The workloads are those of cost.py, all of
# them unless some are named. Of each:
#
#   instructions   counted by callgrind: the difference of two sizes of the
#                  workload, so that start-up cancels out, for one unit;
#                  without those of the C library's malloc() and free()
#   time ratio     patched to unpatched, processor time: the median of
#                  $PAIRS pairs (15), which run one after the other, and the
#                  lowest and highest of them. The spread is the machine's
#                  noise; only a ratio outside of it means anything.
#
# Counting is first, all workloads in one process; then each row is printed when
# it has been timed, and the geometric mean after the last.

set -eu
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
if [ $# -lt 3 ]; then
    echo "usage: cost.sh PATCHED UNPATCHED LIBRARY [WORKLOAD...]" >&2
    exit 2
fi
patched=$1 unpatched=$2 library=$3
shift 3

# The library and the hash of names are the same for both.
python() {
    env -i PATH="$PATH" PYTHONHASHSEED=0 PYTHONPATH="$library" "$@"
}

for python in "$patched" "$unpatched"; do
    version=$(python "$python" -V 2>&1) || version="nothing that runs"
    case $version in
    "Python 3.13.5" | "Python 3.13.15") ;;
    *)
        echo "cost.sh: $python must be Python 3.13.5 or 3.13.15, and is" \
            "$version" >&2
        exit 1 ;;
    esac
done
if ! command -v valgrind > /dev/null; then
    echo "cost.sh: there is no valgrind, which counts the instructions" >&2
    exit 1
fi
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

run() {
    python "$@" 2> "$directory/errors" || {
        echo "cost.sh: this failed: $*" >&2
        cat "$directory/errors" >&2
        exit 1
    }
}

# count PYTHON NAME...: of each, how many instructions its larger size takes
# more than its smaller, which are the last two of its four counts. Without
# those of malloc() and free(), which differ with the addresses of their blocks:
# by more than all the guards.
count() {
    counted=$1 counts=$directory/$2
    shift 2
    mkdir "$counts"
    run valgrind --tool=callgrind --trace-children=yes \
        --dump-before=os_getppid --callgrind-out-file="$counts/out" \
        --toggle-collect=malloc --toggle-collect=realloc \
        --toggle-collect=calloc --toggle-collect=free --collect-atstart=yes \
        "$counted" -s -S -P "$here/cost.py" count "$@"
    last=0
    for name; do
        last=$((last + 4))
        sed -n 's/^totals: //p' "$counts/out.$((last - 1))" \
            "$counts/out.$last" |
            awk '{ count[NR] = $1 } END { print count[2] - count[1] }' \
                > "$counts/$name"
    done
}

# ratios WORKLOAD SIZE: of each pair.
ratios() {
    pair=0
    while [ $pair -lt "${PAIRS:-15}" ]; do
        pair=$((pair + 1))
        for python in "$patched" "$unpatched"; do
            run "$python" -s -S -P "$here/cost.py" time "$1" "$2"
        done
    done | awk 'NR % 2 { first = $1; next } { print first / $1 }' | sort -n
}

run "$unpatched" -s -S -P "$here/cost.py" > "$directory/workloads"
# shellcheck disable=SC2046 # (names)
[ $# != 0 ] || set -- $(sed 's/ .*//' "$directory/workloads")
# (This first: it leaves the compiled modules that both then find.)
run "$unpatched" -s -S -P "$here/cost.py" count "$@"
echo "cost.sh: counting the instructions of $# workloads" >&2
count "$patched" with "$@" &
count "$unpatched" without "$@"
wait $!

row="%-10s %-12s %12s %12s %9s %-2s %s\n"
# shellcheck disable=SC2059 # (the same format for each line)
{
    printf "$row" "" "" instructions instructions "" "" "time ratio, median"
    printf "$row" workload unit without with more "" "(lowest to highest)"
}
for name; do
    grep "^$name " "$directory/workloads" > "$directory/workload"
    read -r name small large unit < "$directory/workload"
    ratios "$name" $((large * 30)) > "$directory/ratios"
    awk -v row="$row" -v name="$name" -v unit="$unit" \
        -v units=$((large - small)) -v measured="$directory/measured" '
        { n[FILENAME]++; value[FILENAME, n[FILENAME]] = $1 }
        END {
            with = value[ARGV[1], 1] / units
            without = value[ARGV[2], 1] / units
            pairs = n[ARGV[3]]
            median = value[ARGV[3], int((pairs + 1) / 2)]
            print with, without, median >> measured
            printf row, name, unit, sprintf("%.1f", without),
                sprintf("%.1f", with),
                sprintf("%+.3f", 100 * (with / without - 1)), "%",
                sprintf("%.3f (%.3f to %.3f)", median, value[ARGV[3], 1],
                    value[ARGV[3], pairs])
        }' "$directory/with/$name" "$directory/without/$name" \
            "$directory/ratios"
done
awk -v row="$row" '
    { more += log($1 / $2); ratio += log($3) }
    END {
        printf row, "mean", "(geometric)", "", "",
            sprintf("%+.3f", 100 * (exp(more / NR) - 1)), "%",
            sprintf("%.3f", exp(ratio / NR))
    }' "$directory/measured"
