#!/bin/sh
# SPDX-License-Identifier: MIT
# What --max-overhead costs a program that does nothing but call functions:
#
#   sh bench/bursts.sh PYTRACE ROUNDS INTERPRETER PROGRAM
#
# PROGRAM prints its calls a second of its processor's time (bench/bursts/). A
# line for each budget: what recording took of that time, the median of the
# rounds, each beside a run that is not recorded, and the least and the largest.
set -eu
pytrace=${1:?} rounds=${2:?} interpreter=${3:?} program=${4:?}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for budget in 1 5 20 all; do
    round=0
    while [ "$round" -lt "$rounds" ]; do
        round=$((round + 1))
        without=$("$interpreter" "$program")
        set -- --max-overhead "$budget"
        [ "$budget" != all ] || set --
        # Not all recordings are without loss; the command's status counts.
        with=$("$pytrace" record "$@" --marker function__entry \
            --marker function__return -o "$scratch/rec" -- "$interpreter" \
            "$program" 2> "$scratch/told")
        echo "$without $with"
    done | awk '{ printf "%.1f\n", 100 * (1 - $2 / $1) }' | sort -n |
        awk -v budget="$budget" '{ sample[NR] = $1 }
            END {
                printf "%s: %.1f %% (%.1f to %.1f)\n", budget,
                    sample[int((NR + 1) / 2)], sample[1], sample[NR]
            }'
done
