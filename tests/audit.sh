#!/bin/sh
# SPDX-License-Identifier: MIT
# pytrace audit: the audit events by name, and in order with the line of the
# function that caused each.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_recorder "pytrace audit"
cd "$work" || exit 1
succeeds "what makes recordings is built" "${CC:-gcc}" -std=gnu11 -O1 \
    -I"$srcdir/src/pytrace" -I"$srcdir/src/runtime" -o make \
    "$srcdir/tests/print/make.c" -lz

# audit [OPTION...] < RECORDS: what it prints, and its notes.
audit() {
    call='const char *filename, const char *funcname, int lineno'
    { printf '%s\n' 'host 0 8 lua /usr/bin/lua' \
        "marker function__entry - s,s,-4 $call" \
        "marker function__return - s,s,-4 $call" "marker line - s,s,-4 $call" \
        'marker audit - s,p const char *event, void *tuple' \
        'process 0 10 10 0 lua' 'clock 0 0 0 0' 'events 0 0 0' \
        'begin 0 10 10 0' 'string 1 0 a.lua' 'string 2 0 f' 'string 3 0 g' \
        'string 4 0 open' 'string 5 0 \x1bexec'
        cat
        printf '%s\n' 'clock 0 10000000 10000000 0' 'end 0 0 0 '
    } | ./make > audit.rec
    "$pytrace" audit "$@" audit.rec 2> err | sed 's/ *$//'
    grep -v 'the recorder counted' err
}
raised='event 3 0 4 4096
event 0 1000 1 2 10
event 3 2000 4 4096
event 2 3000 1 2 12
event 3 4000 5 4096
event 0 5000 1 3 20
event 2 6000 1 3 21
event 3 7000 4 4096
event 1 8000 1 3 22
event 3 9000 4 4096
event 1 10000 1 2 13
events 1 0 0
begin 0 10 11 0
string 4 0 open
event 3 11000 4 4096'
same "by name, and with the line of the call that goes on; threads" \
    'count  event
    5  open
    1  \x1bexec

        at  thread  event     function
0.000000 s  10      open      -
0.000002 s  10      open      f (a.lua:10)
0.000004 s  10      \x1bexec  f (a.lua:12)
0.000007 s  10      open      g (a.lua:21)
0.000009 s  10      open      f (a.lua:12)
0.000011 s  10/11   open      -' "$(echo "$raised" | audit)"
same "the first ones, all counted" "    5  open
0.000002 s  10      open   f (a.lua:10)
and 4 more; --limit 0 shows all" "$("$pytrace" audit --limit 2 audit.rec \
    2> err | sed -n -e '/    5/p' -e '/0.000002/p' -e '/more/p')"
same "calls that began before, and lost events" \
    "pytrace audit: 1 call began before the recording: which function ran in \
them is not known
pytrace audit: events that were lost make 1 call uncertain
pytrace audit: audit.rec: 3 events are lost, and missing here" "$(audit << 'END' |
event 3 0 4 4096
event 1 1000 1 2 12
event 0 2000 1 2 10
lost 3000 3
event 1 4000 1 3 10
END
    sed -n '/^pytrace/p')"
same "no audit event" "no audit event" "$(audit < /dev/null)"
refuses "refused: --limit x" "^pytrace audit: " "$pytrace" audit --limit x \
    audit.rec
if have python3; then
    echo "$raised" | audit --json > out
    same "JSON: the same" "6 [[5, 'open'], [1, '\\x1bexec']] ['-', 'f:10', \
'f:12', 'g:21', 'f:12', '-'] [10, 10, 10, 10, 10, 11]" "$(python3 -I -c '
import json
a = json.load(open("out"))
print(a["count"], [[n["count"], n["event"]] for n in a["names"]],
      ["%s:%d" % (e["function"], e["line"]) if "function" in e else "-"
       for e in a["events"]], [e["tid"] for e in a["events"]])')"
else
    skip "JSON" "there is no python3"
fi

# ---- a real one

if [ -x "$lua" ]; then
    cat > open.lua << 'END'
local function opens()
    return io.open("none")
end
opens()
END
    "$pytrace" record --full block -o open.rec -- "$lua" open.lua 2> err
    same "Lua: the line that opens a file" "io.open opens (open.lua:2)" \
        "$("$pytrace" audit open.rec 2> err |
            $AWK '$4 == "io.open" { print $4, $5, $6 }')"
else
    skip "Lua" "it could not be built"
fi
finish
