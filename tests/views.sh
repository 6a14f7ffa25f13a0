#!/bin/sh
# SPDX-License-Identifier: MIT
# What all views of a recording have in common, and three of them: pytrace time,
# calls and verify. Their recordings are made by tests/print/make.c, with times
# that are known, from the descriptions in tests/views; and by a real program.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_markers "views"
need_recorder "views"
here=$srcdir/tests/views
cd "$work" || exit 1

build() {
    "${CC:-gcc}" -std=gnu11 -O1 -Wall -Wextra -I"$srcdir/src/pytrace" \
        -I"$srcdir/src/runtime" -o make "$srcdir/tests/print/make.c" -lz &&
        "${CC:-gcc}" -O2 -Wall -Wextra -I"$builddir/include" -o host \
            "$srcdir/tests/record/host.c" "$builddir/libpytrace.a" -lpthread \
            -ldl
}
succeeds "what makes recordings is built" build

# made NAME: NAME.rec, as tests/views/NAME.txt describes it.
made() {
    ./make < "$here/$1.txt" > "$1.rec"
}

# view ARGUMENT...: what it prints, its notes, and its exit status.
view() {
    "$pytrace" "$@" 2>&1
    echo "exit status $?"
}

# expect NAME RECORDING ARGUMENT...: a view prints what tests/views/NAME has.
expect() {
    expected=$here/$1
    name=$1
    shift
    same "$name" "$(cat "$expected")" "$(view "$@")"
}

is_json() {
    "$pytrace" "$@" 2> /dev/null | python3 -I -c '
import json, sys
json.load(sys.stdin)'
}

# ---- what they show

made calls
made processes
made gaps
made late
made lost
made open
made outermost
made pause
made plain
made nothing
expect time.text time calls.rec
sed 's|^string 4 0 .*|string 4 0 gr\\xc3\\xb6\\xc3\\x9fe \\xe2\\x80\\xae\\xff|' \
    "$here/calls.txt" | ./make > words.rec
# name_in LOCALE: the name of the function in line 20.
name_in() {
    LC_ALL=$1 view time words.rec | sed -n 's/.* \(gr.* (toy.t:20)\)$/\1/p'
}
if locale -a | grep -qi '^C\.utf-*8$'; then
    same "a locale of UTF-8: names are as they are, harmless" \
        'größe \xe2\x80\xae\xff (toy.t:20)' "$(name_in C.UTF-8)"
else
    skip "a locale of UTF-8" "there is no locale C.UTF-8"
fi
same "another locale: they are escaped" \
    'gr\xc3\xb6\xc3\x9fe \xe2\x80\xae\xff (toy.t:20)' "$(name_in C)"
expect time.json time --json calls.rec
expect time.callees time --sort callees --limit 2 calls.rec
expect time.processes time --by-process processes.rec
expect time.late time late.rec
expect time.lost time lost.rec
expect time.open time open.rec
expect time.pause time pause.rec
expect time.nothing time nothing.rec
expect calls.text calls calls.rec
expect calls.order calls --in-order calls.rec
expect calls.ended calls --in-order --json calls.rec
expect calls.below calls --below a calls.rec
expect calls.least calls --least 30 calls.rec
expect calls.late calls late.rec
expect calls.outermost calls --least 0 outermost.rec
expect calls.pause calls pause.rec
expect calls.unknown calls --below none calls.rec
expect verify.kept verify plain.rec
for promise in nesting abandoned frames lines cycles imports names twice \
    renamed; do
    made broken_$promise
    expect verify.$promise verify broken_$promise.rec
done
expect verify.gaps verify gaps.rec
sed 's/^event 3 18000 0$/event 3 17500 0\n&/' "$here/gaps.txt" | ./make > two.rec
same "what is broken is so, where events are missing elsewhere" \
    "BROKEN    each gc__start has its gc__done, on the same thread (1 of 7)
exit status 1" "$(view verify two.rec | grep -e BROKEN -e '^exit')"
expect verify.lost verify lost.rec
made running
made partial
expect verify.running verify running.rec
expect verify.partial verify partial.rec
expect verify.pause verify pause.rec
expect verify.nothing verify nothing.rec
if have python3; then
    for command in time calls verify; do
        succeeds "$command --json: a library reads it" is_json $command --json \
            calls.rec
    done
else
    skip "a library reads the JSON" "there is no python3"
fi

# ---- where the recording comes from

same "of a command: its output, and its exit status" "exit status 3
fired 3000
{\"calls\":1500 \"even\"
{\"calls\":1500 \"odd\"" "$(view time --json -- ./host fire 3000 3 |
        sed -n -e '/^fired/p' -e '/^exit/p' \
            -e 's/,.*"function":\("[a-z]*"\).*/ \1/p' | LC_ALL=C sort)"
./host loop > said &
running=$!
wait_said said $running ready
"$pytrace" calls -d 0.2 -p $running > out 2> err
same "of a running process, for so long" "0 loop" \
    "$? $(sed -n 's/^.*  *\([a-z]*\) (host.c.*$/\1/p' out | sort -u |
        paste -s -d ' ' -)"
"$pytrace" time -p $running > out 2> err &
recorder=$!
recorded() {
    "$builddir/pytrace" ps --json -p "$1" 2> /dev/null | grep -q recorder
}
wait_until "$patience" recorded $running
kill -INT $recorder
status=0
wait $recorder || status=$?
same "until Ctrl-C" "0 1" "$status $(grep -c loop out)"
kill $running
wait $running
same "of the standard input" "exit status 0" \
    "$("$pytrace" record -o - -p $$ 2> /dev/null > none
        view time - < calls.rec | tail -n 1)"

# ---- where the result goes

"$pytrace" time -o out.txt calls.rec
same "into a file" "$(cat "$here/time.text")" "$(cat out.txt
    echo 'exit status 0')"
same "a full disk" "pytrace time: /dev/full: No space left on device
exit status 2" "$(view time -o /dev/full calls.rec)"
same "a directory that is not there" \
    "pytrace time: missing/out: No such file or directory
exit status 2" "$(view time -o missing/out calls.rec)"
{
    wait_until "$patience" test -f closed
    "$pytrace" calls --in-order calls.rec 2> err
    echo $? > status
} | {
    exec <&-
    : > closed
}
same "a pipe that closes" "$((128 + 13)) 0" "$(cat status) $(wc -c < err)"

# ---- bad input

: > empty.rec
./make < "$here/calls.txt" | head -c 300 > cut.rec
same "-h is --help" "$("$pytrace" time --help)" "$("$pytrace" time -h)"
refuses "no such file" "none.rec: No such file" "$pytrace" time none.rec
refuses "a process without -p" "4711: .* a process is named by -p" "$pytrace" \
    time 4711
refuses "an empty file" "empty.rec: " "$pytrace" calls empty.rec
refuses "a program is no recording" "host: " "$pytrace" verify ./host
refuses "a recording that is cut off" "cut.rec: .*cut off" "$pytrace" time \
    cut.rec
refuses "no recording at all" "name a recording" "$pytrace" time
refuses "two recordings" "one recording too many: calls.rec" "$pytrace" time \
    calls.rec calls.rec
refuses "a file and a process" "not both" "$pytrace" time -p 1 calls.rec
refuses "no process" "not the number of a process: x" "$pytrace" calls -p x
refuses "a sort key that there is not" "own, callees or calls" "$pytrace" time \
    --sort name calls.rec
refuses "a number of rows that is none" "not a number of rows: -1" "$pytrace" \
    time --limit=-1 calls.rec
refuses "a share that is none" "not a share" "$pytrace" calls --least 101 \
    calls.rec
refuses "an option that there is not" "time --help" "$pytrace" time --none
same "a command that there is not" "pytrace: ./missing: there is no such command
exit status 127" "$(view time -- ./missing)"
refuses "no directory for the recording" "/none/pytrace" env TMPDIR=/none \
    "$pytrace" time -- ./host fire 1
for command in time calls verify; do
    same "$command --help fits a screen" yes "$("$pytrace" $command --help |
        $AWK 'length > 79 { exit } END { print NR < 30 ? "yes" : NR }')"
done
finish
