#!/bin/sh
# SPDX-License-Identifier: MIT
# own_time.sh - the shares of own time that pytrace time shows, against the
# instructions that the functions take untraced, which valgrind counts.
#
#   own_time.sh [ROUNDS]
#
# The program is bench/own_time.lua, in the Lua of the build directory $builddir,
# build/ unless given. Prints the share of each function by instructions, and as
# pytrace time has it in each of the rounds (3); of the three together, as the
# instructions of a call are its caller's, too. As root, other programs do not
# interrupt the measured one (chrt). Exit status 1 when something could not be
# measured, 2 when the command line is wrong.

set -eu
LC_ALL=C
export LC_ALL
source=$(cd "$(dirname "$0")/.." && pwd)
build=${builddir:-$source/build}
rounds=${1:-3}
case $#:$rounds in
[01]:*[!0-9]* | [!01]:*)
    echo "usage: own_time.sh [ROUNDS]" >&2
    exit 2 ;;
esac
lua=$build/hosts/lua/lua
for program in "$build/pytrace" "$lua"; do
    [ -x "$program" ] || {
        echo "own_time.sh: there is no $program; run ./quickstart demo first" >&2
        exit 1
    }
done

# count SMALL MIDDLE LARGE: instructions of so many calls.
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$lua" \
        "$source/bench/own_time.lua" "$@" 2>&1 |
        sed -n 's/^.*Collected : //p'
}

nothing=$(count 0 0 0)
echo "$nothing $(count 20000 0 0) $(count 0 1000 0) $(count 0 0 10)" |
    awk '{
        small = ($2 - $1) / 20000 * 100000
        middle = ($3 - $1) / 1000 * 3000
        large = ($4 - $1) / 10 * 20
        all = small + middle + large
        printf "instructions   small %.1f %%  middle %.1f %%  large %.1f %%\n",
            100 * small / all, 100 * middle / all, 100 * large / all
    }'
alone=
[ "$(id -u)" != 0 ] || ! chrt -f 20 true 2> /dev/null || alone="chrt -f 20"
while [ "$rounds" -gt 0 ]; do
    rounds=$((rounds - 1))
    # shellcheck disable=SC2086 # (a command of several words)
    $alone "$build/pytrace" time -- "$lua" "$source/bench/own_time.lua" \
        100000 3000 20 2> /dev/null |
        awk '{ share[$(NF - 1)] = $4 }
        END {
            all = share["small"] + share["middle"] + share["large"]
            if (all == 0)
                exit 1
            printf "pytrace time   small %.1f %%  middle %.1f %%  ",
                100 * share["small"] / all, 100 * share["middle"] / all
            printf "large %.1f %%\n", 100 * share["large"] / all
        }'
done
