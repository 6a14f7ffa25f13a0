# SPDX-License-Identifier: MIT
# instructions.sh - the table of what markers cost an untraced interpreter, in
# instructions; tests/*/cost.sh source it.
#
# shellcheck shell=sh
#
# Before calling, define
#   count PROGRAM WORKLOAD N    instructions of the whole process
#   rounds WORKLOAD             how many rounds N adds for each 1; of fib, calls
# and set first and second, two sizes: each figure is their difference, so that
# start-up cancels out.

# of_round PROGRAM WORKLOAD
of_round() {
    of_first=$(count "$1" "$2" "${first:?}")
    of_second=$(count "$1" "$2" "${second:?}")
    awk -v more=$((of_second - of_first)) \
        -v rounds=$(((second - first) * $(rounds "$2"))) \
        'BEGIN { printf "%.2f\n", more / rounds }'
}

# cost_table PATCHED UNPATCHED WORKLOAD...: instructions of a round, as released
# and with markers, and how many more, in %; and the geometric mean of these.
cost_table() {
    table_patched=$1 table_unpatched=$2
    shift 2
    printf '%-12s %10s %10s %8s\n' workload released markers more
    for workload; do
        awk -v name="$workload" \
            -v a="$(of_round "$table_unpatched" "$workload")" \
            -v b="$(of_round "$table_patched" "$workload")" 'BEGIN {
            printf "%-12s %10.2f %10.2f %+6.2f %%\n", name, a, b,
                (b - a) * 100 / a
        }'
    done | awk '
        { print; more += log($3 / $2) }
        END {
            printf "%-12s %10s %10s %+6.2f %%\n", "mean", "", "",
                100 * (exp(more / NR) - 1)
        }'
}
