#!/bin/sh
# SPDX-License-Identifier: MIT
# top.sh - what pytrace top takes from a service: requests a second while it
# runs to those without it.
#
#   top.sh [ROUNDS [PERCENT]]
#
# The service is bench/top.lua, in the Lua of the build directory $builddir,
# build/ unless given. It counts its requests in each half second of its
# processor time (which other work on the machine disturbs less than the time
# that goes by). In each of the rounds (5) it counts twelve times alone, and
# twelve times with pytrace top, with a budget of PERCENT (5); the medians of the
# counts are compared. Prints the ratio of each round, and their median. Exit
# status 1 when something could not be measured, 2 when the command line is
# wrong.

set -eu
LC_ALL=C
export LC_ALL
source=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=SCRIPTDIR/../tests/tools/wait.sh
. "$source/tests/tools/wait.sh"
build=${builddir:-$source/build}
rounds=${1:-5} percent=${2:-5}
case $#:$rounds in
[012]:*[!0-9]* | [!012]:*)
    echo "usage: top.sh [ROUNDS [PERCENT]]" >&2
    exit 2 ;;
esac
for program in "$build/pytrace" "$build/hosts/lua/lua"; do
    [ -x "$program" ] || {
        echo "top.sh: there is no $program; run ./quickstart demo first" >&2
        exit 1
    }
done

directory=$(mktemp -d)
service=
top=
trap 'kill $service $top 2> /dev/null || :; rm -rf "$directory"' EXIT
"$build/hosts/lua/lua" "$source/bench/top.lua" > "$directory/counts" &
service=$!

# median: of the numbers, one a line.
median() {
    sort -n | awk '{ value[NR] = $1 }
        END { print value[int((NR + 1) / 2)] }'
}

has_counted() {
    [ "$(wc -l < "$directory/counts")" -ge "$1" ]
}

# counted: the median of twelve counts; the one before has begun too early.
counted() {
    before=$(wc -l < "$directory/counts")
    wait_until "$patience" has_counted $((before + 13)) || exit 1
    sed "1,$((before + 1))d" "$directory/counts" | median
}

wait_said "$directory/counts" $service
round=0
while [ $round -lt "$rounds" ]; do
    round=$((round + 1))
    alone=$(counted)
    "$build/pytrace" top --max-overhead "$percent" -p $service \
        > "$directory/top" &
    top=$!
    wait_said "$directory/top" $top 'top.lua'
    watched=$(counted)
    kill $top
    wait $top || :
    echo "$alone $watched" | awk '{
        printf "%d requests/s alone, %d with pytrace top: %.3f\n", $1, $2,
            $2 / $1
    }'
done > "$directory/ratios"
cat "$directory/ratios"
sed 's/.*: //' "$directory/ratios" | median | sed 's/^/median: /'
