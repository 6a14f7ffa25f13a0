#!/bin/sh
# SPDX-License-Identifier: MIT
# --max-overhead: a program is recorded in bursts; the pauses are told; the
# shares of time over the bursts are those of the program; nothing is left.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_markers "recording in bursts"
need_recorder "recording in bursts"
need_lua "recording in bursts"
cd "$work" || exit 1

# ---- the command line

for bad in 0 0.05 100.1 -5 x 5x nan; do
    refuses "record --max-overhead $bad" \
        "^pytrace record: not a percentage from 0.1 to 100: $bad;" \
        "$pytrace" record --max-overhead "$bad" -o no.rec -- true
done
refuses "time --max-overhead 0" "^pytrace time: not a percentage" \
    "$pytrace" time --max-overhead 0 -- true
refuses "a budget, and a program that waits" \
    "^pytrace record: --full block lets the program wait" \
    "$pytrace" record --max-overhead 5 --full block -o no.rec -- true

# ---- a program that calls all the time

cat > busy.lua << 'END'
local function spin(n) for i = 1, n do end end
local function large() spin(900) spin(1) end
local function small() spin(300) spin(1) end
local count = tonumber(arg[1])
repeat
    large()
    small()
    count = count - 1
until count == 0
END

# of_spin FILE: its part of all own time (pytrace time --json), in percent.
of_spin() {
    $AWK -v name='"function":"spin"' '
        match($0, /"own_ns":[0-9]+/) {
            own = substr($0, RSTART + 9, RLENGTH - 9)
            all += own
            if (index($0, name))
                mine += own
        }
        END { printf "%.0f\n", all ? 100 * mine / all : -1 }' "$1"
}

# total_of FUNCTION FILE: ns, with callees.
total_of() {
    $AWK -v name="\"function\":\"$1\"" 'index($0, name) &&
        match($0, /"total_ns":[0-9]+/) {
            print substr($0, RSTART + 11, RLENGTH - 11)
        }' "$2"
}

# of_large FILE: its part of the time of large and small, in percent.
of_large() {
    echo "$(total_of large "$1") $(total_of small "$1")" |
        $AWK '{ printf "%.0f\n", $1 + $2 ? 100 * $1 / ($1 + $2) : -1 }'
}

"$pytrace" record --max-overhead 2 --marker function__entry \
    --marker function__return -o bursts.rec -- "$lua" busy.lua 300000 \
    2> told
if grep -q '^pytrace: recorded in bursts: [0-9.]* %, [0-9.]* ms of each' told
then
    pass "how it was recorded is told"
else
    fail "how it was recorded is told" "$(cat told)"
fi
"$pytrace" print bursts.rec > bursts.txt 2> print.err
same "the recording is sound" "" "$(cat print.err)"
pauses=$(grep -c '^# paused for [0-9.]* ms$' bursts.txt)
same "there are pauses, and events behind the first one" "yes" \
    "$($AWK '/^# paused/ { paused = 1 } paused && /function__entry/ { seen = 1 }
        END { print seen ? "yes" : "no" }' bursts.txt)"
same "JSON has as many pauses" "$pauses" \
    "$("$pytrace" print --json bursts.rec | grep -c '"paused":')"
same "of the 1,200,000 calls, less than half are in it" "yes" \
    "$($AWK '/function__entry/ { n++ }
        END { print (n > 0 && n < 600000) ? "yes" : n }' bursts.txt)"

# ---- shares

"$pytrace" record --marker function__entry --marker function__return \
    --ring 64M -o whole.rec -- "$lua" busy.lua 100000 2> told
same "without the option, no pause" "0" \
    "$("$pytrace" print whole.rec | grep -c '^# paused')"
"$pytrace" time --json --limit 0 whole.rec > whole.json 2> notes
"$pytrace" time --json --limit 0 bursts.rec > bursts.json 2> notes
for of in of_spin of_large; do
    whole=$($of whole.json)
    came=$($of bursts.json)
    if [ "$whole" -gt 40 ] && [ $((came - whole)) -le 15 ] &&
        [ $((whole - came)) -le 15 ]; then
        pass "pytrace time: the same part $of in bursts, within 15 points"
    else
        fail "pytrace time: the same part $of in bursts, within 15 points" \
            "whole: $whole; in bursts: $came
$(cat bursts.json)"
    fi
done
if grep -q 'recorded in bursts, and paused for [0-9]* % of the time' notes; then
    pass "a view says that there are bursts"
else
    fail "a view says that there are bursts" "$(cat notes)"
fi

# ---- what is left

bits() {
    "$builddir/pytrace-check" --except all -p "$1" |
        $AWK '/16384/ { found = 1 } END { print found ? "on" : "off" }'
}

"$lua" busy.lua -1 &
running=$!
trap 'kill "$running" 2> /dev/null' EXIT
for budget in 1 100; do
    "$pytrace" record --max-overhead $budget -d 0.5 -o end.rec -p $running \
        2> told
    same "after -d, no semaphore has the bit; $budget %" off "$(bits $running)"
done
"$pytrace" record --max-overhead 1 -d 0.5 --full flight --keep 64K \
    -o flight.rec -p $running 2> told
same "a process that is recorded again is paused, too" yes \
    "$(sed -n 's/.*in bursts: \([0-9]*\).*/\1/p' told |
        $AWK '{ print ($1 < 30) ? "yes" : $0 }')"
same "the last events can be kept" "0" \
    "$("$pytrace" print flight.rec 2>&1 > flight.txt | wc -l)"
same "and they have pauses" yes \
    "$(grep -q '^# paused' flight.txt && echo yes)"
kill "$running"
wait "$running" 2> /dev/null
trap - EXIT
finish
