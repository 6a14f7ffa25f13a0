#!/bin/sh
# SPDX-License-Identifier: MIT
# --max-overhead: a program is recorded in bursts; the pauses are told; nothing
# is left. (What views make of pauses: tests/views.sh.)
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

# ---- the budget, with times that are known

succeeds "the simulation is built" "${CC:-gcc}" -std=gnu11 -O1 -Wall -Wextra \
    -I"$srcdir/src/pytrace" -o simulate "$srcdir/tests/bursts/simulate.c" \
    "$srcdir/src/pytrace/bursts.c" "$srcdir/src/pytrace/base.c"

# The budget; of each ms, the us that the program has a processor; the ns that
# it works between two events, and that an event takes.
while read -r budget runs gap cost; do
    ./simulate "$budget" "$runs" "$gap" "$cost" > out
    same "$budget %, $runs us of each ms, an event of $cost ns in $gap" \
        "as asked for: yes; used: yes" \
        "$($AWK -v budget="$budget" '{
            printf "as asked for: %s; used: %s\n",
                ($1 <= budget * 1.05 && $0 !~ /more than/) ? "yes" : $0,
                ($1 >= budget / 3) ? "yes" : $0
        }' out)"
done << 'END'
5 1000 10 50
5 200 10 50
5 1000 10 150
5 1000 3000 270
5 200 3000 270
1 200 3000 270
20 500 100 270
END
same "what hardly does anything is recorded whole" "without a pause" \
    "$(./simulate 5 2 1000 250 | sed 's/.*recorded \(without a pause\),.*/\1/')"

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

# ---- what a view makes of it (tests/views/pause.txt has the times)

"$pytrace" record --marker function__entry --marker function__return \
    --ring 64M -o whole.rec -- "$lua" busy.lua 1000 2> told
same "without the option, no pause" "0" \
    "$("$pytrace" print whole.rec | grep -c '^# paused')"
"$pytrace" time --json --limit 0 bursts.rec > bursts.json 2> notes
if grep -q 'recorded in bursts, and paused for [0-9]* % of the time' notes; then
    pass "a view says that there are bursts"
else
    fail "a view says that there are bursts" "$(cat notes)"
fi

# ---- what is left

bits() {
    "$pytrace" check --except all -p "$1" |
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
"$pytrace" record --max-overhead 1 -d 3 --full flight --keep 64K \
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
