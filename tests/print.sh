#!/bin/sh
# SPDX-License-Identifier: MIT
# pytrace print: recordings, whole and damaged, as text and as JSON. They are
# made by tests/print/make.c, without a program that is recorded.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

pytrace=$builddir/pytrace
if [ ! -x "$pytrace" ]; then
    skip "pytrace print" "it was not built: libelf-dev, zlib1g-dev, or the \
markers, are missing"
    finish
fi
here=$srcdir/tests/print
cd "$work" || exit 1

# build PROGRAM SOURCE... [OPTION...]
build() {
    program=$1
    shift
    "${CC:-gcc}" -std=gnu11 -g -O1 -Wall -Wextra \
        -I"$srcdir/src/pytrace" -I"$srcdir/src/runtime" -o "$program" "$@" -lz
}
succeeds "what makes recordings is built" build make "$srcdir/tests/print/make.c"

# status COMMAND...: print its exit status behind what it prints.
status() {
    "$@" 2>&1
    echo "exit status $?"
}

# ---- all that there is, in one recording

./make < "$here/all.txt" > all.rec
all="$(cat "$here/all.text")
exit status 0"
same "text: all that a recording can have" "$all" \
    "$(status "$pytrace" print all.rec)"
./make --swapped < "$here/all.txt" > swapped.rec
same "the other byte order" "$all" \
    "$(status "$pytrace" print swapped.rec)"
same "the standard input" "$all" \
    "$(status "$pytrace" print - < all.rec)"
# shellcheck disable=SC2002 # (a pipe is what is tried)
same "a pipe" "$all" \
    "$(cat all.rec | status "$pytrace" print -)"

same "JSON: the same" "$(cat "$here/all.json")" \
    "$("$pytrace" print --json all.rec 2>&1)"
if have python3; then
    succeeds "a library reads that JSON, which is UTF-8" python3 -I -c '
import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
    json.loads(line)' "$here/all.json"
else
    skip "a library reads that JSON" "there is no python3"
fi
same "only the markers that are chosen" \
    "  0.000000500 4242    gc__done
  0.000000500 4242/43 numbers  a=-9223372036854775808 b=255 c=18446744073709551615 d=0x7fff12345678 e=-1 f=-32768
  0.000001001 4242    gc__done
# ended as asked: 6 events, of which 3 are shown, 1,240 lost" \
    "$("$pytrace" print --marker gc__done --marker numbers all.rec |
        grep -v -e ' lost [a-z]' -e '^# [tp]')"
refuses "a marker that no host has" \
    "^pytrace print: --marker gc: no host of this recording has it$" \
    "$pytrace" print --marker gc all.rec

# ---- rings, threads and processes

# shown NAME EXPECTED < DESCRIPTION: behind a host and a clock, up to an end.
head='host 0 8 lua /usr/bin/lua
marker a - s,-4 const char *text, int number
process 0 10 10 0 lua
clock 0 0 0 0'
shown() {
    { echo "$head"; cat; } > shown.txt
    ./make < shown.txt > shown.rec
    same "$1" "$2" "$("$pytrace" print shown.rec 2>&1 | grep -v -e '^# t' -e '^# pr')"
}
shown "a thread's losses are its own when another one takes its ring" \
    '  0.000000000 10      a text="x" number=1
  0.000000001 10      ... 1 event lost here
  0.000000001 10      ... 3 events lost after this thread'"'"'s last one
  0.000000003 10/11   a text=? number=2
  0.000000004 10/11   ... 2 events lost here
  0.000000004 10/11   ... 5 events lost after this thread'"'"'s last one
# ended with the last process: 2 events, 11 lost' << 'END'
events 0 0 0
begin 1 10 10 100
string 1 0 x
event 0 1 1 1
lost 2 101
begin 3 10 11 104
event 0 4 1 2
lost 5 106
lostbehind 0 5
end 1 2 11
END
shown "what was told as lost is not told again" \
    '  0.000000000 10      a text=? number=1
  0.000000000 10      ... 4 events lost after this thread'"'"'s last one
  0.000000000 10      ... 2 events lost after this thread'"'"'s last one
  0.000000003 10/11   a text=? number=2
  0.000000003 10/11   ... 1 event lost after this thread'"'"'s last one
  0.000000004 10/11   ... 1 event lost here
  0.000000004 10/11   ... 2 events lost after this thread'"'"'s last one
  0.000000004 10/11   ... 3 events lost after this thread'"'"'s last one
  0.000000006 10/12   a text=? number=3
              ?       ... 7 events lost after this thread'"'"'s last one
# ended as asked: 3 events, 20 lost' << 'END'
events 0 0 0
begin 1 10 10 0
event 0 1 1 1
lostbehind 0 4
lostbehind 0 2
events 0 0 0
begin 3 10 11 5
event 0 4 1 2
lostbehind 0 1
events 0 0 0
lost 5 7
lostbehind 0 2
events 0 0 0
begin 6 10 12 12
event 0 7 1 3
pass 7
lostbehind 3 7
end 0 3 20
END
shown "a thread's order is kept when its clock goes back; others come between" \
    '  0.000000000 10/11   a text=? number=1
  0.000000002 10      a text=? number=2
 -0.000000001 10      a text=? number=3
  0.000000003 10/11   a text=? number=4
# ended as asked: 4 events, 0 lost' << 'END'
events 0 0 0
begin 1 10 10 0
event 0 12 0 2
event 0 9 0 3
events 1 0 0
begin 1 10 11 0
event 0 10 0 1
event 0 13 0 4
end 0 4 0
END
shown "an event that comes too late is shown late" \
    '  0.000000000 10      a text=? number=1
  0.000000009 10/11   a text=? number=2
  0.000000010 10      a text=? number=3
# ended as asked: 3 events, 0 lost' << 'END'
events 0 0 0
begin 1 10 10 0
event 0 10 0 1
event 0 20 0 3
pass 15
events 1 0 0
begin 1 10 11 0
event 0 19 0 2
pass 18
end 0 3 0
END
shown "a child by fork, in another namespace; another provider" \
    '  0.000000000 20      a text=? number=1
  0.000000001 20/43   a text=? number=2
  0.000000002 10      b:a number=0x3
  0.000000003 77/78   a text=? number=4
# ended as asked: 4 events, 0 lost' << 'END'
process 1 20 42 10 lua
host 1 4 b /usr/lib/b.so
marker a - p void *number
events 0 0 0
begin 1 42 42 0
event 0 10 0 1
begin 1 42 43 0
event 0 11 0 2
begin 1 77 78 0
event 0 13 0 4
events 1 1 0
begin 1 10 10 0
event 0 12 3
end 0 4 0
END
shown "strings: the latest with a number counts" \
    '  0.000000000 10      a text="one" number=1
  0.000000001 10      a text="" number=2
  0.000000002 10      a text=? number=3
# ended by an error: 3 events, 0 lost
# no space left' << 'END'
events 0 0 0
begin 1 10 10 0
string 5 0 one
event 0 10 5 1
string 5 0 
event 0 11 5 2
event 0 12 69 3
end 3 3 0 no space left
END
shown "an argument of 64 bits in front is divided by the time" \
    '  0.000000000 10      w:n a=-2 b=7 c=18446744073709551614
# ended by the program, which saw no reader: 1 event, 0 lost' << 'END'
host 1 8 w /w
marker n - -8,2,w long a, unsigned short b, unsigned long c
events 0 1 0
begin 1 10 10 0
event 0 10 -2+ 7 18446744073709551614+
end 2 1 0
END
# A processor's counter of 2 GHz, read each second, and 0.1 ppm slower than it
# seemed at first.
head='host 0 8 lua /usr/bin/lua
marker a - -
process 0 10 10 0 lua
clock 1 0 1000 0
clock 1 2000 2000 0'
shown "times do not jump when the clocks are read again" \
    '  0.000000000 10      a
  0.999998000 10      a
  0.499999000 10/11   a
  0.999999000 10      a
  1.499999100 10      a
  1.999999200 10      a
  2.499999250 10      a
# ended as asked: 7 events, 0 lost' << 'END'
events 0 0 0
begin 2000 10 10 0
event 0 2000
event 0 1999998000
pass 1999998500
clock 1 2000000000 1000001100 0
events 1 0 0
begin 1000000000 10 11 0
event 0 1000000000
events 0 0 0
event 0 2000000000
event 0 3000000000
pass 3500000000
clock 1 4000000000 2000001200 0
events 0 0 0
event 0 4000000000
event 0 5000000000
end 0 7 0
END
head=${head%?clock 1 2000 2000 0}
shown "without a second reading, the counter is shown" \
    '  0.000000000 10      a
  0.000000007 10      a
# ended as asked: 2 events, 0 lost
pytrace print: shown.rec: the file has too few readings of the clocks, so times are in units of the events'"'"' own clock' << 'END'
events 0 0 0
begin 3000 10 10 0
event 0 3000
event 0 3007
end 0 2 0
END

head='host 0 8 lua /usr/bin/lua
marker a - s,-4 const char *text, int number
process 0 10 10 0 lua
clock 0 0 0 0'
shown "pauses are told where they end, also one that nothing follows" \
    '  0.000000000 10      a text=? number=1
# paused for 0.020 ms
  0.000020005 10      a text=? number=2
# paused for 0.001 ms
# ended as asked: 2 events, 0 lost' << 'END'
events 0 0 0
begin 10 10 10 0
event 0 10 0 1
pause 12 0
pass 20
pause 12 20012
events 0 0 0
event 0 20015 0 2
pause 20020 0
pause 20020 21020
pause 30000 0
end 0 2 0
END

# ---- many rings, against a sort

cat > rings.awk << 'END'
# A recording of 40 rings, with 60 passes, in which each event says its time.
BEGIN {
    srand(14)
    print "host 0 8 lua /usr/bin/lua"
    print "marker a - -8 long time"
    print "process 0 10 10 0 lua"
    print "clock 0 0 0 0"
    for (pass = 1; pass <= 60; pass++) {
        for (ring = 0; ring < 40; ring++) {
            if (rand() < 0.3)
                continue
            print "events", ring, 0, 0
            if (!(ring in time)) {
                time[ring] = 0
                print "begin 0 10 " 100 + ring " 0"
            }
            if (time[ring] < pass * 1000)
                time[ring] = pass * 1000
            # (Some are later than the pass.)
            while (rand() < 0.9) {
                time[ring] += 1 + int(rand() * 60)
                print "event 0", time[ring], time[ring] "+"
                events++
            }
        }
        print "pass", (pass + 1) * 1000
    }
    print "end 0", events, 0
}
END
${AWK:-awk} -f rings.awk > rings.txt
./make < rings.txt > rings.rec
"$pytrace" print rings.rec | sed -n 's/.* time=//p' > rings.came
same "the events of 40 rings come in the order of their times" \
    "$(sed -n 's/^event 0 \([0-9]*\) .*/\1/p' rings.txt | sort -n | cksum)" \
    "$(cksum < rings.came)"
same "these are many" "yes" \
    "$([ "$(wc -l < rings.came)" -gt 5000 ] && echo yes)"

# ---- what is no recording, and what cannot be written

: > empty
echo "something else, and more of it" > other
head -c 15 all.rec > short
printf 'pytrace\0\002\0\0\0\004\003\002\001' > newer
for case in "empty:is empty, and no recording of pytrace" \
    "other:is no recording of pytrace" "short:is no recording of pytrace" \
    "newer:is a recording in version 2 of the format, and pytrace [0-9.]* reads \
version 1: take a newer pytrace" \
    ".:is a directory, not a file" "none:No such file or directory"; do
    same "refused: ${case%%:*}" "exit status 2" \
        "$(status "$pytrace" print "${case%%:*}" |
            grep -v "^pytrace print: ${case%%:*}: ${case#*:}\$")"
done
for arguments in "" "--jsn all.rec" "all.rec all.rec" "--marker"; do
    # shellcheck disable=SC2086
    same "refused: pytrace print $arguments" "exit status 2" \
        "$(status "$pytrace" print $arguments | tail -n 1)"
done
same "pytrace print --help" "Usage: pytrace print [OPTION...] FILE" \
    "$("$pytrace" print --help | head -n 1)"
if [ -e /dev/full ]; then
    same "a full disk" \
        "pytrace print: the standard output: No space left on device" \
        "$("$pytrace" print all.rec 2>&1 > /dev/full)"
fi
./make --many 100000 2 > many.rec
same "who has seen enough ends it in silence" "# provider lua in /usr/bin/lua" \
    "$("$pytrace" print many.rec 2>&1 | head -n 1)"

# Events are shown when they come by a pipe, not when that ends.
mkfifo pipe
"$pytrace" print - < pipe > live 2> live.err &
print=$!
exec 3> pipe
head -c $(($(wc -c < all.rec) - 64)) all.rec >&3
succeeds "what came by a pipe is shown before that ends" \
    wait_said live "$print" gc__done
exec 3>&-
wait "$print"

# ---- damage (tests/fuzz.sh tries every byte)

# damaged NAME SENTENCE LINES: damaged.rec, of whose 10 events and losses so many
# lines are left.
damaged() {
    came=0
    "$pytrace" print damaged.rec > out 2> err || came=$?
    same "damaged: $1" "exit status 1, $3 lines
pytrace print: damaged.rec: $2" \
        "exit status $came, $(grep -c -v '^#' out) lines
$(cat err)"
}
# change BYTE OCTAL: in damaged.rec, all.rec with that byte.
change() {
    cp all.rec damaged.rec
    # shellcheck disable=SC2059
    printf "\\$2" | dd of=damaged.rec bs=1 seek="$1" conv=notrunc 2> dd.log
}
killed="the recorder was killed, or the disk was full"
head -c 984 all.rec > damaged.rec
damaged "cut in a chunk" "at byte 968: the file is cut off in the middle of a \
chunk ($killed); its last 16 bytes are left out" 7
head -c 1040 all.rec > damaged.rec
damaged "cut behind a chunk" "at byte 1040: the file is cut off ($killed)" 10
head -c 16 all.rec > damaged.rec
damaged "nothing but a header" "at byte 16: the file is cut off ($killed)" 0
change 470 377
damaged "a byte of a chunk" \
    "at byte 432: a chunk's checksum is wrong; 168 bytes are left out" 8
same "of a thread whose beginning is lost, the events are there" \
    "  0.000001001 ?       gc__done" "$(grep gc__done out)"
change 440 377
damaged "a chunk's size" \
    "at byte 432: a chunk's checksum is wrong; 168 bytes are left out" 8
change 442 3
damaged "a chunk's size, beyond the file" \
    "at byte 432: a chunk's size is wrong; 168 bytes are left out" 8
change 443 377
damaged "a chunk's size, too large for any" \
    "at byte 432: this is no chunk; 168 bytes are left out" 8
change 600 0
damaged "a chunk's magic" \
    "at byte 600: this is no chunk; 232 bytes are left out" 6
change 430 1
damaged "a chunk's padding" \
    "at byte 429: a chunk's padding is not zero; nothing is left out" 10
{ cat all.rec; tail -c 48 all.rec; } > damaged.rec
damaged "a chunk behind the end" "at byte 1088: something is behind the \
recording's end; the chunk is left out" 10
sed 's/^end 0 6 1240/end 0 7 1241/' "$here/all.txt" | ./make > damaged.rec
damaged "another number of events" "6 events are in the file, and the recorder \
counted 7
pytrace print: damaged.rec: 1240 events are lost as the file says at their \
places, and the recorder counted 1241" 10
# (What looks like a chunk inside of another one.)
printf '%s\n' 'chunk 77 Chnk\x05\x00\x00\x00\x08\x00\x00\x00abcdefghijklmnop' \
    'end 0 0 0 ' | ./make > damaged.rec
printf 'c' | dd of=damaged.rec bs=1 seek=16 conv=notrunc 2> dd.log
damaged "a chunk's magic, with another one inside" \
    "at byte 16: this is no chunk; 48 bytes are left out" 0

# in_chunk NAME SENTENCE EVENTS < RECORDS: of one chunk, at byte 320.
in_chunk() {
    { printf '%s\n' 'host 0 8 lua /usr/bin/lua' \
        'marker a - s,-4 const char *text, int number' \
        'process 0 10 10 0 lua' 'clock 0 0 0 0' 'events 0 0 0' \
        'begin 1 10 10 0' 'event 0 1 1 1'; cat; echo 'end 0 1 0 '; } |
        ./make > damaged.rec
    damaged "$1" "$2" "${3:-1}"
}
printf '%s\n' 'host 0 8 lua /usr/bin/lua' \
    'marker a - s,-4 const char *text, int number' \
    'process 0 10 10 0 lua' 'clock 0 0 0 0' 'events 0 0 0' | ./make > place
place=$(($(wc -c < place) + 32 + 24))
behind="the chunk's last"
in_chunk "a record of no bytes" \
    "at byte $place: a record's size is wrong; $behind 8 bytes are left out" \
    << 'END'
word 0
word 0
END
in_chunk "a record that is longer than its chunk" \
    "at byte $place: a record's size is wrong; $behind 8 bytes are left out" \
    << 'END'
word 16
word 0
END
in_chunk "a record whose size is odd" \
    "at byte $place: a record's size is wrong; $behind 16 bytes are left out" \
    << 'END'
word 12
word 0
word 0
word 0
END
in_chunk "a marker that the host does not have" "at byte $place: an event is \
of a marker that its host does not have; $behind 16 bytes are left out" << 'END'
event 1 5
END
in_chunk "an event without its arguments" "at byte $place: an event is too \
short for its marker's arguments; $behind 16 bytes are left out" << 'END'
event 0 5 1
END
in_chunk "an event without the second word of an argument" "at byte \
$((place + 104)): an event is too short for its marker's arguments; $behind 24 \
bytes are left out" << 'END'
host 1 8 w /w
marker n - w,w size_t a, size_t b
events 1 1 0
event 0 5 1+ 1
END
in_chunk "a string that is longer than its record" "at byte $place: a string \
is longer than its record, or than itself; $behind 24 bytes are left out" \
    << 'END'
word 0x20018
word 1
word 10
word 10
word 0
word 0
END
in_chunk "a thread's first record" "at byte $place: a thread's first record is \
too short; $behind 8 bytes are left out" << 'END'
word 0x10008
word 0
END
same "records of a later version are passed over" \
    "  0.000000000 10      a text=? number=1
  0.000000003 10      a text=? number=2" "$({
    printf '%s\n' 'host 0 8 lua /usr/bin/lua' \
        'marker a - s,-4 const char *text, int number' \
        'process 0 10 10 0 lua' 'clock 0 0 0 0' 'events 0 0 0' 'begin 1 10 10 0' \
        'event 0 1 1 1' 'word 0xf0010' 'word 1' 'word 2' 'word 3' \
        'event 0 4 1 2' 'end 0 2 0'
} | ./make | "$pytrace" print - | grep -v '^#')"
in_chunk "a host that is described twice" "at byte $place: a host is \
described twice; the chunk is left out" << 'END'
host 0 8 lua /usr/bin/lua
END
in_chunk "a host that is not described" "at byte $place: events are of \
a host that is not described; the chunk is left out" << 'END'
events 1 5 0
END
in_chunk "a ring of two processes" "at byte $place: a ring is of two \
hosts or processes; the chunk is left out" << 'END'
events 0 0 5
END
in_chunk "too many rings" "at byte $place: there are too many rings; \
the chunk is left out" << 'END'
events 999999 0 0
END
in_chunk "a host with an argument of another kind" "at byte $place: a \
host's description has an argument of a kind that is not known here; the chunk \
is left out" << 'END'
host 1 8 x /x
marker a - z int a
END
in_chunk "a chunk that is too short" "at byte $place: a chunk is too \
short for its kind; the chunk is left out" << 'END'
chunk 4 abc
END
in_chunk "another clock" "at byte $place: a reading of the clocks does \
not fit to those before it; the chunk is left out" << 'END'
clock 1 5 5 5
END

# ---- memory

# Strings that are never needed again.
# shellcheck disable=SC3045 # (asked for first)
if (ulimit -v 2000000) 2> ulimit.log; then
    limited() {
        # shellcheck disable=SC3045
        (ulimit -v "$1" && shift && "$@")
    }
    cat > strings.awk << 'END'
BEGIN {
    print "host 0 8 lua /usr/bin/lua"
    print "marker a - s const char *text"
    print "process 0 10 10 0 lua"
    print "clock 0 0 0 0"
    for (text = "x"; length(text) < 4000; )
        text = text text
    for (i = 0; i < 20000; i++) {
        if (i % 1000 == 0) {
            print "events 0 0 0"
            if (i == 0)
                print "begin 1 10 10 0"
        }
        print "string", i, "0", substr(text, 1, 4000)
        print "event 0", i, i
        if (i % 1000 == 999)
            print "pass", i
    }
    print "end 0 20000 0"
}
END
    ${AWK:-awk} -f strings.awk | ./make > strings.rec
    same "80 MB of strings are not kept" "20000" \
        "$(limited 64000 "$pytrace" print strings.rec | grep -c 'text="xxx')"
else
    skip "80 MB of strings are not kept" "there is no ulimit -v"
fi
finish
