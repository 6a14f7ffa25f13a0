#!/bin/sh
# cost.sh - what the markers cost CPython while nobody traces, as a table.
#
#   cost.sh PATCHED UNPATCHED LIBRARY [WORKLOAD...]
#
# PATCHED and UNPATCHED are the interpreters, built with the same flags; LIBRARY
# is the standard library for both. The workloads are those of cost.py, all of
# them unless some are named. Of each:
#
#   instructions   counted by callgrind: the difference of two sizes of the
#                  workload, so that start-up cancels out, for one unit
#   time ratio     patched to unpatched, processor time: the median of
#                  $PAIRS pairs (5), which run one after the other, and the
#                  lowest and highest of them. The spread is the machine's
#                  noise; only a ratio outside of it means anything.
#
# Each row is printed when it is done, and the geometric mean after the last.

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
    if [ "$version" != "Python 3.13.5" ]; then
        echo "cost.sh: $python must be Python 3.13.5, and is $version" >&2
        exit 1
    fi
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

# instructions PYTHON WORKLOAD SIZE SIZE: that the larger has more.
instructions() {
    for size in "$3" "$4"; do
        python valgrind --tool=callgrind --callgrind-out-file=/dev/null \
            --trace-children=yes \
            "$1" -s -S -P "$here/cost.py" "$2" "$size" 2>&1 |
            sed -n 's/.*Collected : //p'
    done | awk '{ count[NR] = $1 } END { print count[2] - count[1] }'
}

# ratios WORKLOAD SIZE: of each pair.
ratios() {
    pair=0
    while [ $pair -lt "${PAIRS:-5}" ]; do
        pair=$((pair + 1))
        for python in "$patched" "$unpatched"; do
            run "$python" -s -S -P "$here/cost.py" "$1" "$2" time
        done
    done | awk 'NR % 2 { first = $1; next } { print first / $1 }' | sort -n
}

row="%-10s %-12s %12s %12s %9s %-2s %s\n"
# shellcheck disable=SC2059 # (the same format for each line)
{
    printf "$row" "" "" instructions instructions "" "" "time ratio, median"
    printf "$row" workload unit without with more "" "(lowest to highest)"
}
run "$unpatched" -s -S -P "$here/cost.py" > "$directory/workloads"
while read -r name small large unit; do
    case " ${*:-$name} " in
    *" $name "*) ;;
    *) continue ;;
    esac
    # (This first: it leaves the compiled modules that both then find.)
    ratios "$name" $((large * 5)) > "$directory/ratios"
    instructions "$patched" "$name" "$small" "$large" > "$directory/with" &
    instructions "$unpatched" "$name" "$small" "$large" > "$directory/without"
    wait $!
    cat "$directory/with" "$directory/without" >> "$directory/counts"
    if [ "$(cat "$directory/with")" -le 0 ] ||
        [ "$(cat "$directory/without")" -le 0 ]; then
        echo "cost.sh: valgrind has not counted $name" >&2
        exit 1
    fi
    awk -v row="$row" -v name="$name" -v unit="$unit" \
        -v units=$((large - small)) '
        { n[FILENAME]++; value[FILENAME, n[FILENAME]] = $1 }
        END {
            with = value[ARGV[1], 1] / units
            without = value[ARGV[2], 1] / units
            pairs = n[ARGV[3]]
            printf row, name, unit, sprintf("%.1f", without),
                sprintf("%.1f", with),
                sprintf("%+.3f", 100 * (with / without - 1)), "%",
                sprintf("%.3f (%.3f to %.3f)",
                    value[ARGV[3], int((pairs + 1) / 2)], value[ARGV[3], 1],
                    value[ARGV[3], pairs])
        }' "$directory/with" "$directory/without" "$directory/ratios"
done < "$directory/workloads"
awk -v row="$row" '
    NR % 2 { with = $1; next }
    { sum += log(with / $1) }
    END {
        printf row, "mean", "(geometric)", "", "",
            sprintf("%+.3f", 100 * (exp(2 * sum / NR) - 1)), "%", ""
    }' "$directory/counts" | sed 's/ *$//'
