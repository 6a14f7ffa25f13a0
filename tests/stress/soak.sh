#!/bin/sh
# SPDX-License-Identifier: MIT
# soak.sh - the cases of the stress tests (case.sh) together, by chance, three
# at a time, for SOAK_SECONDS.
#
#   soak.sh DIRECTORY
#
# DIRECTORY is made; it keeps what failed. srcdir, builddir, SOAK_SECONDS (600)
# and SEED are taken from the environment; the seed is printed, and chooses the
# same cases again, though not the same moments. Prints how often each case ran
# and what failed, and on the standard error each case as it ends. Exit status 1
# when something failed, 2 when the command line is wrong.

set -u
LC_ALL=C
export LC_ALL
if [ $# != 1 ]; then
    echo "usage: soak.sh DIRECTORY" >&2
    exit 2
fi
: "${srcdir:?run this with make check-soak}" "${builddir:?}"
: "${SOAK_SECONDS:=600}" "${SEED:=$(date +%s)}"
case $SOAK_SECONDS,$SEED in
*[!0-9,]* | ,* | *,)
    echo "soak.sh: SOAK_SECONDS and SEED are numbers, and not" \
        "$SOAK_SECONDS and $SEED" >&2
    exit 2 ;;
esac
if [ "$(id -u)" != 0 ]; then
    echo "soak.sh: tracing by the kernel needs root" >&2
    exit 1
fi
if [ ! -x "$builddir/hosts/lua/lua" ]; then
    echo "soak.sh: Lua could not be built: $(cat "$builddir/hosts/why-not")" >&2
    exit 1
fi
mkdir -p "$1" || exit 1
directory=$(cd "$1" && pwd)
programs=$directory/programs

end=$(($(date +%s) + SOAK_SECONDS))
echo "seed $SEED"
sh "$srcdir/tests/stress/build.sh" "$builddir" "$programs" || exit 1
rm -f "$directory/done" "$directory/failed"
: > "$directory/done"

# What to run, without end: CASE AMOUNT SEED, with amounts from half of these
# up to them.
plan() {
    awk -v seed="$1" 'BEGIN {
        srand(seed)
        n = split("cycles 80 kills 10 tracers 2000 processes 100 inherit 1 " \
            "libraries 300 signals 20000 interpreters 20 strings 1 " \
            "lua_cycles 150 lua_kills 15 lua_counts 500 " \
            "record_cycles 100 record_kills 10 record_ends 20 " \
            "record_processes 30 record_signals 20000 record_libraries 5 " \
            "record_rivals 5 record_tracers 20", most, " ")
        for (;;) {
            i = 1 + 2 * int(rand() * n / 2)
            print most[i], int(most[i + 1] * (1 + rand()) / 2 + 0.5), \
                int(rand() * 30000)
        }
    }'
}

# What one of the three does; it stops when one of them has failed.
work() {
    number=0
    plan $((SEED * 3 + $1)) | while read -r case amount seed; do
        if [ "$(date +%s)" -ge "$end" ] || [ -s "$directory/failed" ]; then
            break
        fi
        number=$((number + 1))
        place=$directory/$1.$number.$case
        if timeout -k 5 900 sh "$srcdir/tests/stress/case.sh" "$case" \
            "$amount" "$seed" "$place"; then
            echo "$case" >> "$directory/done"
            echo "$case $amount $seed: $(paste -s -d ' ' "$place/said")" >&2
            rm -rf "$place"
        else
            echo "$case $amount $seed failed, in $place:
$(cat "$place/log")" >> "$directory/failed"
        fi
    done
}

rm -rf "$directory"/[123].*
# What runs in the background ignores an interrupt.
trap 'echo "interrupted" >> "$directory/failed"' INT TERM
work 1 &
work 2 &
work 3 &
wait
wait    # after a signal, for the cases that run
sort "$directory/done" | uniq -c
if [ -s "$directory/failed" ]; then
    cat "$directory/failed"
    exit 1
fi
