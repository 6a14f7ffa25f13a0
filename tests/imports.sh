#!/bin/sh
# SPDX-License-Identifier: MIT
# pytrace imports: the tree of imports, the slowest first, each with its time,
# alone and with what it imported; and the time of the start that is in none.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_recorder "pytrace imports"
cd "$work" || exit 1
succeeds "what makes recordings is built" "${CC:-gcc}" -std=gnu11 -O1 \
    -I"$srcdir/src/pytrace" -I"$srcdir/src/runtime" -o make \
    "$srcdir/tests/print/make.c" -lz

# imports < RECORDS: what it prints of a recording of 10 ms, and its notes.
imports() {
    { printf '%s\n' 'host 0 8 lua /usr/bin/lua' \
        'marker import__find__load__start - s const char *modulename' \
        'marker import__find__load__done - s,-4 const char *modulename, int found' \
        'marker gc__start - -4 int generation' \
        'process 0 10 10 0 lua' 'clock 0 0 0 0' 'events 0 0 0' \
        'begin 0 10 10 0' 'string 1 0 a' 'string 2 0 b' 'string 3 0 c' \
        'string 4 0 d\x1b[m'
        cat
        printf '%s\n' 'clock 0 10000000 10000000 0' 'end 0 0 0 '
    } | ./make > imports.rec
    "$pytrace" imports "$@" imports.rec 2> err
    grep -v 'the recorder counted' err
}

tree='event 2 0 0
event 0 100000 1
event 0 200000 2
event 1 300000 2 1
event 0 400000 3
event 1 900000 3 0
event 1 1100000 1 1
event 0 3000000 4
event 1 9000000 4 1
event 2 9500000 0'
same "what was imported by what; the slowest first" \
    "    all      own          at  module
6.00 ms  6.00 ms  0.003000 s  d\\x1b[m
1.00 ms   400 us  0.000100 s  a
 500 us   500 us  0.000400 s    c (not found)
 100 us   100 us  0.000200 s    b

process 10: 9.00 ms from its first event to the end of its last import, of which
2.00 ms (22.2 %) are in no import; the longest part, 1.90 ms, comes before \
d\\x1b[m" "$(echo "$tree" | imports)"
same "threads; what goes on, and what began before" \
    "    all      own          at  thread  module
9.90 ms   200 us  0.000100 s  10      b (not done)
9.70 ms  9.70 ms  0.000300 s  10        c (not done)
 200 us   200 us  0.000200 s  10/11   a

process 10: 10.0 ms from its first event to the end of its last import, of which
100 us (1.0 %) are in no import; the longest part, 100 us, comes before b
pytrace imports: 1 import began before the recording: left out
pytrace imports: 2 imports went on at the end: until then is shown" \
    "$(imports << 'END'
event 1 0 1 1
event 0 100000 2
event 0 300000 3
events 1 0 0
begin 90000 10 11 0
string 1 0 a
event 0 200000 1
event 1 400000 1 1
END
)"
same "lost events" \
    "   all     own          at  module
400 us  300 us  0.000000 s  a
100 us  100 us  0.000300 s    b (events were lost)

process 10: 400 us from its first event to the end of its last import, of which
0 ns (0.0 %) are in no import
pytrace imports: 2 imports uncertain, as events were lost
pytrace imports: imports.rec: 5 events are lost, and missing here" \
    "$(imports << 'END'
event 0 0 1
event 0 300000 2
lost 350000 5
event 1 380000 3 1
event 1 400000 1 1
END
)"
same "no import" "no import" "$(imports < /dev/null)"
if have python3; then
    echo "$tree" | imports --json > imports.json
    same "JSON: the same" "0 d.[m found, 0 a found, 1 c not found, 1 b found: \
[6000000, 1000000, 500000, 100000] 400000 2000000 of 9000000" \
        "$(python3 -I -c '
import json
a = json.load(open("imports.json"))
print(", ".join("%d %s %s" % (i["depth"], i["module"].replace("\x1b", "."),
                              i["state"]) for i in a["imports"]) + ":",
      [i["duration_ns"] for i in a["imports"]], a["imports"][1]["own_ns"],
      a["processes"][0]["in_no_import_ns"], "of",
      a["processes"][0]["start_ns"])')"
else
    skip "JSON" "there is no python3"
fi

# ---- a real one

if [ -x "$lua" ]; then
    echo 'local b = require("inner") return b' > outer.lua
    echo 'return {}' > inner.lua
    echo 'require("outer") pcall(require, "none")' > main.lua
    "$pytrace" imports -- "$lua" main.lua > out 2> err
    same "Lua: what requires what" "  inner
none (not found)
outer" "$(sed -n 's/^.* s  \( *[a-z].*\)/\1/p' out | sort)"
else
    skip "Lua" "it could not be built"
fi
finish
