#!/bin/sh
# SPDX-License-Identifier: MIT
# pytrace latency: how a function's durations are distributed; a generator or
# coroutine that waits is one call, where there are frames.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_recorder "pytrace latency"
cd "$work" || exit 1
succeeds "what makes recordings is built" "${CC:-gcc}" -std=gnu11 -O1 \
    -I"$srcdir/src/pytrace" -I"$srcdir/src/runtime" -o make \
    "$srcdir/tests/print/make.c" -lz

# latency FUNCTION [OPTION...] < RECORDS: of a host with frames, 10 ms; where it
# is called bare, of one without.
call='const char *filename, const char *funcname, int lineno'
latency() {
    make_recording s,s,-4,p "$call, void *frame"
    show "$@"
}
bare() {
    make_recording s,s,-4 "$call"
    show "$@"
}
make_recording() {
    { printf '%s\n' 'host 0 8 python /usr/bin/python' \
        "marker function__entry - $1 $2" "marker function__return - $1 $2" \
        'process 0 10 10 0 python' 'clock 0 0 0 0' 'events 0 0 0' \
        'begin 0 10 10 0' 'string 1 0 a.py' 'string 2 0 f' 'string 3 0 handler' \
        'string 4 0 b.py'
        cat
        printf '%s\n' 'clock 0 10000000 10000000 0' 'end 0 0 0 '
    } | ./make > latency.rec
}
show() {
    "$pytrace" latency "$@" latency.rec > out 2> err
    sed 's/ *$//' out
    grep -v 'the recorder counted' err
}

# f, at lines 10 to 12, waits at 11 (frame 0x100+); two at the same time.
waiting='event 0 0 1 2 10 256+
event 1 100000 1 2 11 256+
event 0 200000 1 2 10 512+
event 1 300000 1 2 11 512+
event 0 1000000 1 2 11 256+
event 1 1100000 1 2 12 256+
event 0 4000000 1 2 11 512+
event 1 4200000 1 2 12 512+
event 0 5000000 1 2 10 256+
event 1 5050000 1 2 12 256+'
same "what waits is one call, told apart by its frame" \
    "calls   median     90 %     99 %   99.9 %  longest     mean  waiting  function
    3  1.10 ms  4.00 ms  4.00 ms  4.00 ms  4.00 ms  1.72 ms   89.3 %  f (a.py:10)

   from       to  calls
50.0 us   100 us      1  ########################################
 100 us   200 us      0
 200 us   500 us      0
 500 us  1.00 ms      0
1.00 ms  2.00 ms      1  ########################################
2.00 ms  5.00 ms      1  ########################################" \
    "$(echo "$waiting" | latency f | sed '/calls from/,$d' | sed '$d')"
same "the heat map: when calls began, and how long they took" \
    "0.000000 s | ....... @@@@@@@" "$(latency f << 'END' |
event 0 0 1 2 10 256+
event 1 1000 1 2 12 256+
event 0 10000 1 2 10 256+
event 1 12500 1 2 12 256+
event 0 13000 1 2 10 256+
event 1 15500 1 2 12 256+
event 0 4000000 1 2 10 256+
event 1 4001000 1 2 12 256+
END
    sed -n 's/^ *\(0.000000 s |\)/\1/p')"
same "what cannot be known" "2 calls, 300000 ns
pytrace latency: 1 call is left out: it began before the recording, or events \
of it were lost or not recorded
pytrace latency: 1 call is left out, as it went on at the end
pytrace latency: 1 call left last where it has been resumed: it may go on, and \
take longer" "$(latency f --json << 'END' > json
event 1 0 1 2 11 768+
event 0 100000 1 2 11 768+
event 1 110000 1 2 12 768+
event 0 200000 1 2 10 256+
event 1 300000 1 2 12 256+
event 0 400000 1 2 10 512+
event 1 600000 1 2 11 512+
event 0 800000 1 2 10 1024+
END
    sed -n 's/.*"calls":\([0-9]*\),.*"total_ns":\([0-9]*\),.*/\1 calls, \2 ns/p' \
        json
    "$pytrace" latency f latency.rec 2>&1 > out | grep -v 'recorder counted')"
same "between bursts, what goes on is not known" "1 calls, 100000 ns, late 2" \
    "$(latency f --json << 'END' |
event 0 0 1 2 10 256+
event 1 100000 1 2 12 256+
event 0 200000 1 2 10 512+
event 1 300000 1 2 11 512+
event 0 400000 1 2 11 512+
pause 500000 600000
events 0 0 0
event 0 700000 1 2 11 256+
event 1 800000 1 2 12 256+
END
    sed -n 's/.*"calls":\([0-9]*\),.*"total_ns":\([0-9]*\),.*"late":\([0-9]*\),.*/\1 calls, \2 ns, late \3/p')"
same "all on one line" "pytrace latency: all is on one line: if it is a \
generator or a coroutine, each time that it goes on counts as a call" \
    "$(latency f << 'END' | sed -n '/^pytrace/p'
event 0 0 1 2 10 256+
event 1 1000 1 2 10 256+
event 0 2000 1 2 10 256+
event 1 3000 1 2 10 256+
END
)"

nested='event 0 0 1 2 10
event 0 1000 1 3 20
event 0 2000 1 2 10
event 1 3000 1 2 10
event 1 5000 1 3 21
event 1 9000 1 2 11
event 0 20000 4 2 5
event 1 22000 4 2 6'
same "without frames, calls nest; functions of the same name have a row each" \
    "2 f (a.py:10)
1 f (b.py:5)" "$(echo "$nested" | bare f |
        sed -n 's/^ *\([0-9]*\) .* \(f (.*\)/\1 \2/p')"
same "FILE:NAME is that one" "1 f (b.py:5)" "$("$pytrace" latency b.py:f \
    latency.rec 2> err | sed -n 's/^ *\([0-9]*\) .* \(f (.*\)/\1 \2/p')"
status=0
"$pytrace" latency hanlder latency.rec > out 2> err || status=$?
same "FILE is a path, or its last parts" "" "$("$pytrace" latency y:f \
    latency.rec 2> other)"
same "no such function" "2 pytrace latency: no function was called that has the \
name hanlder; the nearest: handler (a.py), f (a.py), f (b.py)" \
    "$status $(grep -v 'the recorder counted' err)"
refuses "no function at all" "^pytrace latency: " "$pytrace" latency
if have python3; then
    echo "$waiting" | latency f --json > json
    same "JSON: the same" "3 4000000 2 4600000 [[50000, 1], [1000000, 1], \
[2000000, 1]] 3" "$(python3 -I -c '
import json
f = json.loads(open("json").read().split("\npytrace")[0])["functions"][0]
print(f["calls"], f["longest_ns"], f["resumed"], f["waiting_ns"],
      [[h["from_ns"], h["count"]] for h in f["histogram"] if h["count"]],
      sum(s["count"] for s in f["slices"]))')"
else
    skip "JSON" "there is no python3"
fi

# ---- the heat map as a picture

# cells: each cell: left, top, colour and tool tip, a line each.
cells() {
    tr '\n' '|' < "$1" | sed 's/<rect class="c"/\
&/g' | sed -n 's/^.*x="\([0-9.]*\)" y="\([0-9]*\)".* fill="\([^"]*\)"><title>\([^<]*\)<.*/\1 \2 \3 \4/p'
}
two_functions='event 0 0 1 2 10 256+
event 1 1000 1 2 12 256+
event 0 10000 1 2 10 256+
event 1 12500 1 2 12 256+
event 0 13000 1 2 10 256+
event 1 15500 1 2 12 256+
event 0 4000000 1 2 10 256+
event 1 4001000 1 2 12 256+
string 5 0 <a>&.py
event 0 5000000 5 2 10 512+
event 1 5001000 5 2 12 512+'
same "a picture: cells for times and durations, darker where more calls are" \
    "$(printf '%s\n' \
        "90.00 100 #ffeda0 1 call of 1.00 us to 2.00 us|began from 0.000000 s to 0.000131 s" \
        "90.00 80 #800026 2 calls of 2.00 us to 5.00 us|began from 0.000000 s to 0.000131 s" \
        "1144.84 100 #ffeda0 1 call of 1.00 us to 2.00 us|began from 0.003932 s to 0.004063 s" \
        "90.00 192 #800026 1 call of 1.00 us to 2.00 us|began from 0.005000 s to 0.005000 s")" \
    "$(echo "$two_functions" | latency f -o heat.svg > shown; cells heat.svg)"
same "and nothing on the standard output" "" "$(grep -v ^pytrace shown)"
same "nothing in it is fetched" "" "$(grep -E -i 'href|url\(|src=' heat.svg)"
if have python3; then
    succeeds "it is well-formed" python3 -I -c '
import sys, xml.dom.minidom
xml.dom.minidom.parse(sys.argv[1])' heat.svg
fi
if have chromium && have chromedriver && have python3; then
    same "in a browser: names are text, cells are inside, and no error" \
        "pytrace latency f
f (a.py), f (<a>&.py)
true" "$(in_browser "$work/heat.svg" "js document.title" \
            'js Array.from(document.querySelectorAll(".name"),
                e => e.textContent).join(", ")' \
            'js Array.from(document.querySelectorAll(".c")).every(e => {
                const box = e.getBoundingClientRect();
                return box.width > 0 && box.left >= 90 && box.right <= 1181;
            })')"
else
    skip "in a browser" "there is no chromium, chromedriver or python3"
fi

# ---- real ones

if [ -x "$cpython" ]; then
    cat > wait.py << 'END'
import asyncio

async def pause():
    await asyncio.sleep(0.001)

async def handler():
    await pause()
    await pause()

async def once(): return 1

def numbers(n):
    for i in range(n):
        yield i

async def main():
    await asyncio.gather(*(handler() for i in range(30)))
    for i in range(7):
        sum(numbers(5))
        next(numbers(5))

asyncio.run(main())
END
    "$pytrace" record --full block -o wait.rec -- "$cpython" wait.py 2> err
    calls=
    for name in pause handler numbers; do
        calls="$calls$("$pytrace" latency --json wait.py:$name wait.rec |
            sed -n 's/.*"calls":\([0-9]*\),.*"resumed":\([0-9]*\),.*/\1 \2; /p')"
    done
    same "CPython: coroutines and generators, calls and those that went on" \
        "60 60; 30 30; 14 7; " "$calls"
else
    skip "CPython" "it could not be built"
fi
finish
