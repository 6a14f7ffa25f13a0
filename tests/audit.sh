#!/bin/sh
# SPDX-License-Identifier: MIT
# pytrace audit: the audit events by name, and in order with the line of the
# function that caused each, and their arguments where the host says them.
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
same "those of one name, all counted" "    5  open
0.000004 s  10      \\x1bexec  f (a.lua:12)" "$("$pytrace" audit --event \
    "$(printf '\033exec')" audit.rec 2> err | sed -n -e '/    5/p' -e '/^0/p')"
same "a name that none has" "none has that name" "$("$pytrace" audit \
    --event ope audit.rec 2> err | tail -n 1)"
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

# ---- with arguments

told='string 6 0 \x27caf\xc3\xa9 \xf0\x9f\x98\x80\x27, 7
string 7 0 \x27\x1b[0m\x7f\xc2\x9b\xe2\x80\xae\xff\x27
string 8 100000 xxx
event 3 0 4 4096+ 6
event 3 1000 4 4096+ 7
event 3 2000 4 4096+ 8
event 3 3000 4 4096+ 0
event 3 4000 4 4096+
event 3 5000 4 4096+ 99'
# arguments: of the table's rows, the column.
arguments() {
    sed -n 's/^0\.00000[0-9] s  10      open   -         //p'
}
same "arguments: what a terminal cannot show is escaped" \
    "'caf\\u00e9 \\U0001f600', 7
'\\x1b[0m\\x7f\\u009b\\u202e\\xff'
xxx... (100000 bytes)
-
-
-" "$(echo "$told" | audit | arguments)"
if locale -a 2> locale.err | grep -qix 'c\.utf-*8'; then
    same "arguments: and what one for UTF-8 can show is not" \
        "'caf$(printf '\303\251 \360\237\230\200')', 7
'\\x1b[0m\\x7f\\u009b\\u202e\\xff'" \
        "$(LC_ALL=C.UTF-8 "$pytrace" audit audit.rec 2> err | arguments |
            head -n 2)"
else
    skip "arguments: UTF-8" "there is no locale C.UTF-8"
fi
same "a recording without them has no column of them" 0 \
    "$(echo "$raised" | audit | grep -c arguments)"
if have python3; then
    echo "$told" | audit --json > out
    same "arguments: JSON has them as they are" \
        "[\"'caf\\u00e9 \\ud83d\\ude00', 7\", \"'\\u001b[0m\\u007f\\u009b\\u202e\\ufffd'\", \
\"xxx\", null, null, null] 100000" "$(python3 -I -c '
import json
events = json.load(open("out"))["events"]
print(json.dumps([e.get("arguments") for e in events]),
      events[2]["arguments_bytes"])')"
else
    skip "arguments: JSON" "there is no python3"
fi

# ---- real ones

if [ -x "$lua" ]; then
    cat > open.lua << 'END'
local function opens()
    return io.open("none")
end
opens()
os.rename("a\n\0b", "caf\xc3\xa9\1")
os.remove(("x"):rep(5000))
os.rename(("x"):rep(5000), ("y"):rep(5000))
load("return '" .. ("\n"):rep(2) .. "\0'")
load(function() end)
END
    "$pytrace" record --full block -o open.rec -- "$lua" open.lua 2> err
    same "Lua: the line that opens a file" "io.open opens (open.lua:2)" \
        "$("$pytrace" audit open.rec 2> err |
            $AWK '$4 == "io.open" { print $4, $5, $6 }')"
    x=$(printf '%04086d' 0 | tr 0 x)
    same "Lua: and what it is called with" 'loadfile "open.lua"
io.open "none", "r"
os.rename "a\n", "caf\u00e9\001"
os.remove "'"$x"'"...
load "return '"'"'\n\n\000'"'"'"
load ' "$("$pytrace" audit open.rec 2> err | sed -n \
        -e '/"yyy/d' -e 's/^.* s  [0-9]*  *\([a-z.]*\)  .*:[0-9]*)  */\1 /p' \
        -e 's/^.* s  [0-9]*  *\([a-z.]*\)  *-  */\1 /p')"
    same "Lua: a long one leaves room for another" "..., \"yyy" \
        "$("$pytrace" audit open.rec 2> err | sed -n \
            's/^.*xx"\(\.\.\., "yyy\)y*"\.\.\.$/\1/p')"
else
    skip "Lua" "it could not be built"
fi
if [ -x "$cpython" ]; then
    "$pytrace" record --full block -o python.rec -- "$cpython" \
        "$srcdir/tests/cpython/audit.py" > expected 2> err
    same "CPython: nothing has changed for it" "" \
        "$(grep -v '^pytrace: recorded' err)"
    "$pytrace" audit --json --limit 0 python.rec > out 2> err
    same "CPython: the arguments of each kind" "$(cat expected)" \
        "$("$cpython" -I "$srcdir/tests/cpython/audit.py" out)"
else
    skip "CPython" "it could not be built"
fi
finish
