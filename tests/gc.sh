#!/bin/sh
# SPDX-License-Identifier: MIT
# pytrace gc: each collection with its duration and the function that ran, the
# longest first; what it cannot know, it says.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_recorder "pytrace gc"
cd "$work" || exit 1
succeeds "what makes recordings is built" "${CC:-gcc}" -std=gnu11 -O1 \
    -I"$srcdir/src/pytrace" -I"$srcdir/src/runtime" -o make \
    "$srcdir/tests/print/make.c" -lz

# gc < RECORDS: what it prints of a recording of 10 ms, and then its notes.
gc() {
    { printf '%s\n' 'host 0 8 lua /usr/bin/lua' \
        'marker function__entry - s,s,-4 const char *filename, const char *funcname, int lineno' \
        'marker function__return - s,s,-4 const char *filename, const char *funcname, int lineno' \
        'marker line - s,s,-4 const char *filename, const char *funcname, int lineno' \
        'marker gc__start - -4 int generation' \
        'marker gc__done - -8 long collected' \
        'process 0 10 10 0 lua' 'clock 0 0 0 0' 'events 0 0 0' \
        'begin 0 10 10 0' 'string 1 0 a.lua' 'string 2 0 f' 'string 3 0 g'
        cat
        printf '%s\n' 'clock 0 10000000 10000000 0' 'end 0 0 0 '
    } | ./make > gc.rec
    "$pytrace" gc "$@" gc.rec 2> err | sed 's/ *$//'
    grep -v 'the recorder counted' err
}

same "durations, generations, objects; the line that ran; the longest first" \
    "3 collections, 1.30 ms: 13.0 % of 10.0 ms; the longest 1.00 ms

generation  collections    total   median     99 %  longest  objects
         0            2   300 us   100 us   200 us   200 us       12
         2            1  1.00 ms  1.00 ms  1.00 ms  1.00 ms       -1

   from       to  collections
 100 us   200 us            1  ########################################
 200 us   500 us            1  ########################################
 500 us  1.00 ms            0
1.00 ms  2.00 ms            1  ########################################

        at  duration  generation  objects  calls  function
0.000300 s   1.00 ms           2       -1      0  f (a.lua:11)
0.001600 s    200 us           0        7      0  f (a.lua:11)
and 1 more; --limit 0 shows all" "$(gc --limit 2 << 'END'
event 3 0 0
event 4 100000 5+
event 0 200000 1 2 10
event 2 210000 1 2 11
event 3 300000 2
event 4 1300000 -1+
event 0 1400000 1 3 20
event 1 1500000 1 3 21
event 3 1600000 0
event 4 1800000 7+
event 1 2000000 1 2 12
END
)"

# table: the last table of what gc prints, and the notes.
table() {
    gc | sed '1,/^ *at /d'
}
same "threads; what goes on meanwhile; what cannot be known" \
    "0.000300 s    200 us           1        9      2  10      f (a.lua:10)
0.000100 s   50.0 us           0        3      0  10/11   -
pytrace gc: 1 collection let functions run: its duration is no pause, where the \
collector is incremental or the functions are finalizers
pytrace gc: 1 collection began before the recording, and is left out
pytrace gc: 2 collections were not done at the end, and are left out" \
    "$(table << 'END'
event 4 0 4+
event 0 200000 1 2 10
event 3 300000 1
event 0 400000 1 3 20
event 1 410000 1 3 20
event 0 420000 1 3 20
event 1 430000 1 3 20
event 4 500000 9+
event 3 600000 1
events 1 0 0
begin 90000 10 11 0
event 3 100000 0
event 4 150000 3+
event 3 160000 0
END
)"
same "lost events" "0.000000 s    100 us           0        1      0  -
pytrace gc: 1 collection is left out, as events of it were lost, or not recorded
pytrace gc: gc.rec: 9 events are lost, and missing here" "$(table << 'END'
event 3 0 0
event 4 100000 1+
event 3 200000 0
lost 300000 9
event 4 400000 1+
END
)"
same "between bursts, collections are unseen" \
    "0.000000 s    100 us           0        1      0  -
pytrace gc: 1 collection is left out, as events of it were lost, or not recorded" \
    "$(table << 'END' | grep -v bursts
event 3 0 0
event 4 100000 1+
event 3 200000 0
pause 300000 400000
events 0 0 0
event 4 500000 1+
END
)"
same "no collection" "no collection in 10.0 ms" "$(gc < /dev/null)"
for arguments in "--limit x" "--limit -1" "--limit"; do
    # shellcheck disable=SC2086
    refuses "refused: $arguments" "^pytrace gc: " "$pytrace" gc $arguments gc.rec
done

if have python3; then
    gc --json > gc.json << 'END'
event 0 0 1 2 10
event 3 1000 0
event 4 3000 5+
END
    same "JSON: the same" "1 2000 2000 [[0, 1, 5]] [[2000, 5000, 1]] f a.lua 10 5" \
        "$(python3 -I -c '
import json
a = json.load(open("gc.json"))
one = a["longest"][0]
print(a["collections"], a["total_ns"], one["duration_ns"],
      [[g["generation"], g["collections"], g["objects"]]
       for g in a["generations"]],
      [[h["from_ns"], h["to_ns"], h["count"]] for h in a["histogram"]],
      one["function"], one["file"], one["line"], one["objects"])')"
else
    skip "JSON" "there is no python3"
fi

# ---- a real one

if [ -x "$lua" ]; then
    cat > full.lua << 'END'
collectgarbage("stop")
local function rubbish() for i = 1, 1000 do local t = {i} end end
local function sweep() rubbish() collectgarbage() end
for i = 1, 3 do sweep() end
END
    "$pytrace" gc -- "$lua" full.lua > out 2> err
    same "Lua: each full collection is in the function that asked for it" "3" \
        "$(grep -c 'sweep (full.lua:3)' out)"
else
    skip "Lua" "it could not be built"
fi
finish
