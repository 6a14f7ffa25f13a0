#!/bin/sh
# SPDX-License-Identifier: MIT
# Coroutines and generators, where a host says which one runs: pytrace calls has
# a tree for those of each function, and other viewers' files a track or profile
# for each of them.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_recorder "coroutines"
here=$srcdir/tests/coroutines
cd "$work" || exit 1

# ---- a recording with times that are known

succeeds "what makes recordings is built" "${CC:-gcc}" -std=gnu11 -O1 \
    -I"$srcdir/src/pytrace" -I"$srcdir/src/runtime" -o make \
    "$srcdir/tests/print/make.c" -lz
./make < "$here/made.txt" > made.rec
same "calls: those of a function are a tree, beside the thread's" \
    "$(cat "$here/calls.txt")" "$("$pytrace" calls --least 0 made.rec 2> err)"
same "calls --below: in each of them" \
    "process 10, thread 10, main, coroutine handler (a.py:10)
fetch (a.py:20)
process 10, thread 10, main, coroutine fetch (a.py:20)
fetch (a.py:20)" "$("$pytrace" calls --below fetch made.rec 2> err |
        sed -n -e '/^process/p' -e 's/.*  \(fetch .*\)$/\1/p')"
same "calls --json: it says what is in one" "fetch 0
handler 0
plain 1
items 1
fetch 1" "$("$pytrace" calls --json made.rec 2> err | sed -n \
    's/.*"depth":\([0-9]*\),.*"function":"\([a-z]*\)".*"coroutine":true.*/\2 \1/p')"
"$pytrace" print -o made.json made.rec 2> err
"$pytrace" print -o made.speedscope.json made.rec 2>> err
same "nothing is wrong" "" "$(cat err)"
same "Trace Event: a track for each, of when it ran" \
    "coroutine 1: handler (a.py:10): 0.100+0.300 0.700+0.100
coroutine 2: fetch (a.py:20): 0.200+0.100
coroutine 4: handler (a.py:10): 0.500+0.100
coroutine 5: fetch (a.py:20): 1.100+0.100
generator 3: items (a.py:30): 0.310+0.010 0.810+0.010" "$($AWK -F '[:,"]+' '
    $7 + 0 >= 40000000 && /thread_name/ {
        name = $0
        sub(/.*"args":{"name":"/, "", name)
        sub(/"}}.*/, "", name)
        names[++count] = name
        number[$7] = count
    }
    $7 + 0 >= 40000000 && /"ph":"X"/ {
        spans[number[$7]] = spans[number[$7]] " " $9 "+" $11
    }
    END {
        for (i = 1; i <= count; i++)
            print names[i] ":" spans[i]
    }' made.json | sort)"
if have python3; then
    check() {
        python3 -I "$srcdir/tests/export/check.py" "$@"
    }
    same "speedscope: a profile for each, with what it calls" \
        "$(cat "$here/profiles.txt")" "$(check made.speedscope.json)"
    succeeds "Trace Event: calls nest" check made.json
else
    skip "speedscope: a profile for each" "there is no python3"
fi

# Too many of them: those above the thousandth share one.
many() {
    sed '/^event 0 1000/,$d' "$here/made.txt"
    $AWK 'BEGIN {
        for (i = 1; i <= 1100; i++) {
            print "string " 100 + i " 0 coroutine 0x" i
            print "event 0 " 1000 + 20 * i " 1 3 10 " 100 + i
            print "event 1 " 1010 + 20 * i " 1 3 10"
        }
        print "clock 0 90000 90000 1700000000000090000"
        print "end 0 2200 0 "
    }'
}
many | ./make > many.rec
"$pytrace" print -o many.json many.rec 2> err
same "of too many, the others share a track" "1001 others: handler (a.py:10)" \
    "$(sed -n 's/.*"thread_name","args":{"name":"\(.* (a\.py.*\)"}}.*/\1/p' \
        many.json | $AWK '{ last = $0 } END { print NR, last }')"

# ---- real programs

# profiles FILE: of those of coroutines, with how many have the same calls.
profiles() {
    "$pytrace" print -o x.speedscope.json "$1" 2> err
    check x.speedscope.json |
        sed -n "s/^coroutine [0-9]*: \([a-z]* (.*$2:[0-9]*)\): /\1: /p" |
        sed 's/(.*\///' | sort | uniq -c | sed 's/^ *//'
}

if [ ! -x "$lua" ] || ! have python3; then
    skip "Lua" "it could not be built, or there is no python3"
else
    "$pytrace" record --full block -o lua.rec -- "$lua" "$here/threads.lua" \
        2> err
    same "Lua: each coroutine, and what it calls" \
        "1 greedy threads.lua:20): greedy 4
1 greedy threads.lua:20): work 3
2 polite threads.lua:13): inner 6
2 polite threads.lua:13): polite 7
2 polite threads.lua:13): work 3" "$(profiles lua.rec threads.lua)"
    same "Lua: calls has a tree for those of each function" \
        "coroutine greedy 4 greedy
coroutine polite 14 polite" "$("$pytrace" calls --least 0 lua.rec 2> err |
        $AWK '/, coroutine / { heading = "coroutine " $(NF - 1); next }
            heading != "" { print heading, $7, $8; heading = "" }' | sort)"
fi
if [ ! -x "$cpython" ] || ! have python3; then
    skip "CPython" "it could not be built, or there is no python3"
else
    "$pytrace" record --full block --marker function__entry \
        --marker function__return -o python.rec -- "$cpython" -I -S \
        "$here/tasks.py" 2> err
    same "CPython: each task of asyncio, and what it calls" \
        "5 handler tasks.py:15): fetch 6
5 handler tasks.py:15): handler 4" "$(profiles python.rec tasks.py |
        grep '^[0-9]* handler')"
    same "CPython: calls has a tree for those of each function" \
        "20 handler 30 fetch 15 work" \
        "$("$pytrace" calls --below handler --least 0 python.rec 2> err |
            $AWK '/, coroutine handler/ { inside = 1; next } !NF { inside = 0 }
            inside && $8 ~ /^(handler|fetch|work)$/ { print $7, $8 }' |
            paste -s -d ' ' -)"
fi
finish
