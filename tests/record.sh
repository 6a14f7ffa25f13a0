#!/bin/sh
# SPDX-License-Identifier: MIT
# pytrace record: what a program fires is in the file, all of it or counted as
# lost, whatever happens to the program, to the recorder or to the file; and
# what cannot be recorded is refused, with a sentence.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_markers "pytrace record"
need_recorder "pytrace record"
cd "$work" || exit 1
host=$work/host
build_hosts() {
    ${CC:-gcc} -O2 -Wall -Wextra -I"$builddir/include" -o "$host" \
        "$srcdir/tests/record/host.c" "$builddir/libpytrace.a" -lpthread -ldl &&
        ${CC:-gcc} -O2 -Wall -Wextra -I"$builddir/include" -fPIC -shared \
            -o library.so "$srcdir/tests/record/library.c" \
            "$builddir/libpytrace.a"
}
build_hosts > log 2>&1 || {
    fail "the hosts are built" "$(cat log)"
    finish
}

# ---- what a recording has

# print FILE: its events.
print() {
    "$pytrace" print "$1" 2> print.err
}

# total FILE: the events, and those lost, as its last line has them.
total() {
    print "$1" | sed -n '$s/^.*: \([0-9,]* events*, [0-9,]* lost\)$/\1/p' |
        tr -d ,
}

# add FILE: events and lost together.
add() {
    total "$1" | { read -r events _ lost _ && echo $((events + lost)); }
}

# fired FILE: what the host has said.
fired() {
    sed -n 's/^fired //p' "$1"
}

# begin COMMAND...: a host that runs until it gets a signal, $running; what it
# says is in the file "said".
begin() {
    rm -f said
    "$host" "$@" > said &
    running=$!
    wait_said said $running ready
}

end() {
    kill "$running" 2> /dev/null
    wait "$running" 2> /dev/null
}

# bit PID: whether semaphores of that process have the recorder's bit.
bits() {
    "$pytrace" check --except all -p "$1" |
        $AWK '/16384/ { found = 1 } END { print found ? "on" : "off" }'
}

off() {
    [ "$(bits "$1")" = off ]
}

# recording PID: it is under way.
on() {
    [ "$(bits "$1")" = on ]
}

# ---- a command

status=0
"$pytrace" record -o one.rec -- "$host" fire 1000 7 > out 2> err || status=$?
same "a command: its exit status, and its output is its own" "7 fired 1000" \
    "$status $(cat out)"
same "a command: all of its events are recorded" "1000 events 0 lost, 1000" \
    "$(total one.rec | tr -d ,), $(numbered one.rec)"
same "a command: the strings are right" "500 even
500 odd" "$(print one.rec | sed -n 's/.*funcname="\([a-z]*\)".*/\1/p' |
    sort | uniq -c | $AWK '{ print $1, $2 }')"
same "a command: the summary at the end" \
    "pytrace: recorded 1,000 events of 1 thread in N s, 0 lost, into one.rec (N)" \
    "$(sed 's/in [0-9.]* s/in N s/; s/([^)]*)/(N)/' err)"
"$pytrace" record -o script.rec -- sh -c "exec $host fire 100" > out 2> err
same "a script that executes the host" "100 events 0 lost" \
    "$(total script.rec | tr -d ,)"
"$pytrace" record -o marker.rec --marker gc__start -- "$host" fire 100 > out \
    2> err
same "another marker alone" "fired 0: 0 events 0 lost" \
    "$(cat out): $(total marker.rec | tr -d ,)"
status=0
"$pytrace" record -o none.rec -- "$work/there-is-none" 2> err || status=$?
same "a command that is not there" "127" "$status"
[ -e none.rec ] && fail "no file is left of it" "there is none.rec"
# ---- every kind of argument

# From a copy of what is released, so that this works in the source tree too.
build_kinds() {
    (cd "$builddir" && $MAKE -s distdir distdir="$work/source") &&
        mkdir -p kinds && cd kinds &&
        ../source/configure --disable-maintainer-mode -q --with-provider=kinds \
            --with-probes="$srcdir/tests/record/kinds.d" &&
        $MAKE -s libpytrace.a && ${CC:-gcc} -Wall -Wextra -Iinclude -o host \
            "$srcdir/tests/record/kinds.c" libpytrace.a -lpthread
}
succeeds "a host with every kind of argument is built" build_kinds
"$pytrace" record -o kinds.rec -- kinds/host 2> err
long=$(printf '%04096d' 0 | tr 0 x)
same "every kind of argument" "small a=-128 b=255 c=-32768 d=65535
large a=-2147483648 b=4294967295 c=-9223372036854775808 d=18446744073709551615
mixed a=-1 b=\"one\" c=-2 d=0x1234 e=\"\" f=3
mixed a=0 b=\"\" c=0 d=0x0 e=\"a \\\"b\\\"\\n\" f=0
mixed a=0 b=\"$long\"... (5,000 bytes) c=0 d=0x0 e=\"$long\"... (5,000 bytes) f=0
none
mixed a=4 b=\"two\" c=5 d=0x0 e=\"\" f=6 text=\"of six\"
mixed a=4 b=\"two\" c=5 d=0x0 e=\"\" f=6 text=\"$long\"... (5,000 bytes)
pair  a=7 b=8 text=\"of \\xc3\\xa9\"
one   a=9 text=\"\"
none  text=\"of none\"
pair  a=7 b=8
one   a=9" "$(print kinds.rec | sed -n 's/^ *[0-9.]* [0-9]* *\(.*\)$/\1/p')"

# ---- threads, and full rings

"$pytrace" record -o threads.rec -- "$host" threads 20 5000 > out 2> err
same "threads: recorded or counted as lost" "$(fired out)" "$(add threads.rec)"
"$pytrace" record --ring 4K -o drop.rec -- "$host" threads 2 100000 > out 2> err
same "a ring of 4 KiB: recorded or counted as lost" "200000 $(fired out)" \
    "$(fired out) $(add drop.rec)"
case $(total drop.rec) in
*" 0 lost" | "") fail "a ring of 4 KiB: some were lost" "$(total drop.rec)" ;;
*) pass "a ring of 4 KiB: some were lost" ;;
esac
begin loop
status=0
"$pytrace" record -d 0.2 -o short.rec -p $running 2> err || status=$?
same "a recording that lost nothing" "0 0 lost" \
    "$status $(total short.rec | sed 's/.*events //')"
end
begin spin
# (On a busy machine, it may have had no processor for that long.)
has_lost_some() {
    status=0
    "$pytrace" record --ring 4K -d 0.2 -o spin.rec -p "$running" 2> err ||
        status=$?
    [ "$status" != 0 ]
}
wait_until "$patience" has_lost_some
end
same "a recording that lost some" "1" "$status"
"$pytrace" record --full block --ring 4K -o block.rec -- "$host" threads 2 \
    100000 > out 2> err
same "a ring of 4 KiB, --full block" "200000 events 0 lost" \
    "$(total block.rec | tr -d ,)"
"$pytrace" record --full flight --keep 64K -o flight.rec -- "$host" fire \
    20000 > out 2> err
same "--full flight keeps the last" "lineno=19999" \
    "$(print flight.rec | sed -n 's/.* function__entry .*\(lineno=.*\)/\1/p' |
        tail -n 1)"
kept=$(print flight.rec | grep -c ' function__entry .*funcname="[a-z]*" ')
# (64 KiB are 2,730 events of 24 bytes.)
if [ "$kept" -gt 2000 ] && [ "$kept" -lt 2731 ] &&
    [ "$kept" = "$(numbered flight.rec)" ]; then
    pass "--full flight keeps some, with their strings"
else
    fail "--full flight keeps some, with their strings" \
        "$kept, $(numbered flight.rec)" "$(cat print.err)"
fi

# ---- processes that run

begin loop
status=0
"$pytrace" record -d 0.5 -o pid.rec -p $running 2> err || status=$?
same "a running process: each event, until the time is over" "0 without gaps" \
    "$status $(numbered pid.rec | sed 's/^[1-9][0-9]*$/without gaps/')"
same "a running process: afterwards nothing is left" "off" "$(bits $running)"
"$pytrace" record -o signal.rec -p $running 2> err &
recorder=$!
wait_until "$patience" on $running
kill -INT $recorder
status=0
wait $recorder || status=$?
same "Ctrl-C ends a recording, and not the process" "0 off runs" \
    "$status $(bits $running) $(runs $running && echo runs)"
# Each of these uses the segment of the one before.
burst=0
while [ $burst -lt 20 ]; do
    "$pytrace" record -d 0.01 -o again.rec -p $running 2> err || cat err
    numbered again.rec
    burst=$((burst + 1))
done > again
same "recordings in bursts: one segment, and no gaps" "1, 0" \
    "$(find /proc/$running/fd -lname '/memfd:pytrace*' | wc -l | tr -d ' '), \
$(grep -c gaps again)"
end
begin loop
"$pytrace" record -d 0.3 -o - -p $running 2> err > out.rec
same "onto the standard output" "without gaps" \
    "$(numbered out.rec | sed 's/^[1-9][0-9]*$/without gaps/')"
first=$running
"$host" loop > said.other &
second=$!
wait_said said.other $second ready
"$pytrace" record -d 0.3 -o two.rec -p $first -p $second 2> err
same "two processes in one file" "2" "$(print two.rec |
    $AWK '/ function__entry / { print $2 }' | sort -u | wc -l | tr -d ' ')"
kill $second
wait $second
end

# ---- children

"$pytrace" record -o alone.rec -- "$host" fork 5 1000 > out 2> err
same "children are not recorded" "10 events 0 lost" \
    "$(total alone.rec | tr -d ,)"
"$pytrace" record --follow -o follow.rec -- "$host" fork 5 1000 > out 2> err
same "with --follow, they are" "5010 events 0 lost from 6" \
    "$(total follow.rec | tr -d ,) from $(print follow.rec |
        $AWK '/ function__entry / { print $2 }' | sort -u | wc -l | tr -d ' ')"
"$pytrace" record --follow -o started.rec -- \
    sh -c "$host fire 100; $host fire 200; true" > out 2> err
same "with --follow, programs that a script starts" "300 events 0 lost" \
    "$(total started.rec | tr -d ,)"

# ---- two hosts in a process, one of which comes later

"$pytrace" record -o library.rec -- "$host" opens ./library.so > out 2> err
same "a library with markers that is opened later" "fired 60: 10 50" \
    "$(cat out): $(print library.rec | grep -c ' function__entry ') $(print \
        library.rec | grep -c ' function__return ')"

late() {
    ${CC:-gcc} -O2 -Wall -Wextra -o late "$srcdir/tests/record/late.c" -ldl &&
        "$pytrace" record -o late.rec -- ./late ./library.so
}
succeeds "a program whose library is being mapped" late
same "it is recorded as soon as the library is there" "10 events 0 lost" \
    "$(total late.rec | tr -d ,)"
"$pytrace" record --marker function__entry --marker function__return \
    -o closed.rec -- "$host" reopens ./library.so > out 2> err
same "a library that is closed takes no other host's events with it" \
    "3200 3200 0" "$(fired out) $(total closed.rec | sed 's/ events* / /
        s/ lost//')"

# ---- a program that is not honest

hostile() {
    ${CC:-gcc} -O2 -Wno-unused-function -I"$builddir" -I"$builddir/include" \
        -o hostile "$srcdir/tests/record/hostile.c"
}
succeeds "a hostile program is compiled" hostile
begin loop
victim=$running
./hostile "$victim" > said.hostile &
running=$!
wait_said said.hostile $running ready
"$pytrace" record -d 10 -o hostile.rec -p $running 2> err
wait $running
same "a hostile program has no other process recorded" \
    "off 0" "$(bits "$victim") $(print hostile.rec | grep -c '"loop"')"
running=$victim
end

# ---- a program that was built with another version

later() {
    sed 's/\(#define PYTRACE__LAYOUT\) 1u/\1 2u/' \
        "$builddir/pytrace_probes.c" > later.c &&
        ${CC:-gcc} -O2 -I"$builddir" -I"$builddir/include" -o later \
            "$srcdir/tests/record/host.c" later.c -lpthread -ldl
}
succeeds "a program of a later version is compiled" later
./later loop > said.later &
running=$!
wait_said said.later $running ready
refuses "a recorder of another version is refused" \
    "has a recorder of another version (2; this is 1)" \
    "$pytrace" record -d 5 -o later.rec -p $running
end

# ---- what ends too early

"$pytrace" record -o killed.rec -- "$host" killed 5000 count > out 2> err
same "a program that is killed: all up to there" "5000 $((128 + 9))" \
    "$(add killed.rec) $("$pytrace" record -o killed.rec -- \
        "$host" killed 5000 count > out 2> err; echo $?)"
begin loop
"$pytrace" record -o cut.rec -p $running 2> err &
recorder=$!
wait_until "$patience" has_said cut.rec loop
kill -KILL $recorder
wait $recorder 2> /dev/null
status=0
print cut.rec > out || status=$?
same "a reader that is killed: the file can be read up to there" \
    "1 without gaps" \
    "$status $(numbered cut.rec | sed 's/^[1-9][0-9]*$/without gaps/')"
wait_until "$patience" off $running &&
    pass "a reader that is killed: the process sees it, and stops recording"
"$pytrace" record -o cut.rec -p $running 2> err &
recorder=$!
wait_until "$patience" on $running
kill -KILL $recorder
wait $recorder 2> /dev/null
status=0
"$pytrace" record -d 0.3 -o after.rec -p $running 2> err || status=$?
same "a reader that is killed: the next one can record at once" \
    "0 without gaps off" \
    "$status $(numbered after.rec | sed 's/^[1-9][0-9]*$/without gaps/') \
$(bits $running)"
end
if [ -c /dev/full ]; then
    status=0
    "$pytrace" record -o /dev/full -p $$ 2> /dev/null || status=$?
    begin loop
    refuses "a full disk" "^pytrace: /dev/full cannot be written: No space" \
        "$pytrace" record -o /dev/full -p $running
    same "a full disk: nothing is left in the process" "off" "$(bits $running)"
    end
fi

# ---- refusals

# refused NAME PATTERN OPTION...: with status 2, one line, and no file.
refused() {
    name=$1 pattern=$2
    shift 2
    rm -f refused.rec
    status=0
    "$pytrace" record -d 1 -o refused.rec "$@" > out 2> err || status=$?
    if [ $status = 2 ] && [ "$(wc -l < err)" -eq 1 ] &&
        grep -q -e "$pattern" err && [ ! -e refused.rec ]; then
        pass "$name"
    else
        fail "$name" "expected status 2, and: $pattern
came: status $status, and: $(cat err)" "$(ls refused.rec 2>&1)"
    fi
}

refused "no process, no command" "name a process with -p, or a command"
refused "a number that is none" "not the number of a process: x" -p x
refused "a ring that is no power of 2" "power of 2 from 4K to 64M" --ring 5000 \
    -p 1
refused "an unknown --full" "drop, block or flight, and not x" --full x -p 1
refused "no time" "not a number of seconds: 0" -d 0 -p 1
refused "two outputs in one" "would both be on the standard output" -o - -- :
refused "a process that is not there" "there is no process 4194304" -p 4194304
if grep -q '^Name:.kthreadd$' /proc/2/status 2> /dev/null; then
    refused "a part of the kernel" "process 2 is a part of the kernel" -p 2
else
    skip_extra "a part of the kernel" "process 2 is none here"
fi
sleep 600 &
sleeping=$!
refused "a process without markers" \
    "process $sleeping (sleep) has no markers: pytrace check" -p $sleeping
kill $sleeping
wait $sleeping 2> /dev/null
rm -f said
sh -c "\"\$0\" loop > said & echo \$! > child; wait" "$host" &
parent=$!
wait_until "$patience" has_said said ready
refused "a process without markers whose child has some" \
    "has no markers, but process $(cat child) (host), which it has started" \
    -p $parent
kill "$(cat child)"
wait $parent
begin loop
refused "a marker that is not there" \
    "process $running has no marker nope: it has function__entry," \
    --marker nope -p $running
"$pytrace" record -o first.rec -p $running 2> err.first &
recorder=$!
wait_until "$patience" on $running
refused "a recording that is under way" \
    "process $running is being recorded already, by process $recorder" \
    -p $running
same "a recording that is under way goes on" "on" "$(bits $running)"
kill -TERM $recorder
status=0
wait $recorder || status=$?
same "SIGTERM ends it" "0 without gaps" \
    "$status $(numbered first.rec | sed 's/^[1-9][0-9]*$/without gaps/')"
end
begin filter
refused "a filter of system calls" "filter of system calls (seccomp)" \
    -p $running
status=0
"$pytrace" record --force -d 0.2 -o force.rec -p $running 2> err || status=$?
same "a filter of system calls, --force" "0 without gaps" \
    "$status $(numbered force.rec | sed 's/^[1-9][0-9]*$/without gaps/')"
end
begin forbid
status=0
"$pytrace" record --force -o force.rec -p $running 2> err || status=$?
same "a filter ends the process" "2 pytrace: process $running ended before it\
 had any event recorded: its filter of system calls (seccomp) may have ended it" \
    "$status $(head -n 1 err)"
end
says_of_full() {
    "$pytrace" record -o /dev/full -- "$host" fire 10 2> err > out
    cat err
}
same "a file that is full" "pytrace: /dev/full cannot be written: No space left\
 on device
pytrace: recorded 10 events of 1 thread, and not all of them are in /dev/full" \
    "$(says_of_full | sed 's/ in [0-9.]* s, 0 lost//')"
# Copies, as another user may not reach these directories.
if [ "$(id -u)" = 0 ] && have setpriv; then
    public=$(mktemp -d "${TMPDIR:-/tmp}/pytrace.XXXXXX")
    trap 'rm -rf "$public"' EXIT
    cp "$pytrace" "$host" "$public"
    chmod -R go+rX "$public"
    # begin_as USER WHAT: as begin, as this user.
    begin_as() {
        rm -f said
        setpriv --reuid="$1" --regid="$1" --clear-groups "$public/host" "$2" \
            > said &
        running=$!
        wait_said said $running ready
    }
    # record_as_nobody: of $running, into nobody.rec.
    record_as_nobody() {
        status=0
        setpriv --reuid=65534 --regid=65534 --clear-groups "$public/pytrace" \
            record -d 0.3 -o - -p $running > nobody.rec 2> err || status=$?
    }
    begin wait
    record_as_nobody
    same "a process of another user" "2 pytrace: process $running is of\
 another user (0; this is 65534): be that user, or root" "$status $(cat err)"
    end
    begin_as 65534 undumpable
    record_as_nobody
    same "a process that is not dumpable" "2 pytrace: the kernel lets only root\
 record process $running, as it can do more than its user or has asked for it\
 (it is not dumpable): be root" "$status $(cat err)"
    end
    if [ "$(cat /proc/sys/kernel/yama/ptrace_scope 2> /dev/null)" = 1 ]; then
        begin_as 65534 loop
        record_as_nobody
        same "Yama" "2 yes" \
            "$status $(grep -q 'ptrace_scope is 1.*-- COMMAND' err && echo yes)"
        end
    elif [ ! -e /proc/sys/kernel/yama/ptrace_scope ]; then
        begin_as 65534 loop
        record_as_nobody
        same "without root, one's own process" "0 without gaps" \
            "$status $(numbered nobody.rec | sed 's/^[1-9][0-9]*$/without gaps/')"
        end
    fi
else
    skip "users" "this is not root, or there is no setpriv"
fi

finish
