#!/bin/sh
# SPDX-License-Identifier: MIT
# A tracer that comes to a running CPython sees it from then on, at the latest
# when a loop goes round; when it goes, no semaphore is raised any more, and the
# usual loop goes on; the program never knows.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

alone
need_cpython "attaching to CPython"
need_tracing "attaching to CPython"
need "attaching to CPython" gdb

here=$srcdir/tests/cpython/attach

semaphores() {
    sh "$srcdir/tests/tools/semaphores.sh" "$cpython" "$1"
}

# start PROGRAM: it runs as process $pid, is at work, and ends at SIGTERM.
start() {
    { cat "$here/until_told.py" && echo 'print("at work", flush=True)' &&
        printf '%s\n' "$1"; } > "$work/program.py"
    : > "$work/printed"
    "$cpython" -I -S "$work/program.py" > "$work/printed" 2>&1 &
    pid=$!
    wait_said "$work/printed" $pid "at work"
}

# stop NAME LINE: it does, and has printed LINE.
stop() {
    kill -TERM $pid
    wait $pid
    status=$?
    same "$1: the program goes on unharmed" "at work
$2
exit status 0" "$(cat "$work/printed"
        echo "exit status $status")"
}

# The evaluation loop that it is in: "Probed" or "Default".
evaluates() {
    gdb -p $pid -batch -ex bt 2> /dev/null |
        sed -n 's/.* in _PyEval_EvalFrame\([A-Z][a-z]*\) .*/\1/p' |
        sed -n '/Probed/{p;q;};$p'
}

all_seen() {
    for marker in $markers; do
        grep -q "^$marker$" "$work/seen" || return 1
    done
}

# watch NAME PROGRAM MARKER...: attach to the markers, see that each of them
# fires; detach, and see that nothing is left.
watch() {
    name=$1
    start "$2"
    shift 2
    markers=$*
    same "$name: the semaphores are 0 before" 0 "$(semaphores $pid)"
    for marker in $markers; do
        printf '%s\n' "usdt:$cpython:python:$marker /!@seen[\"$marker\"]/ {" \
            "@seen[\"$marker\"] = 1; printf(\"$marker\\n\"); }"
    done > "$work/script.bt"
    : > "$work/seen"
    bpftrace -q "$work/script.bt" -p $pid > "$work/seen" 2> "$work/errors" &
    tracer=$!
    if wait_until "$patience" all_seen; then
        pass "$name: each marker fires"
    else
        fail "$name: expected $markers" "$(cat "$work/seen" "$work/errors")"
    fi
    same "$name: the semaphores while attached" $# "$(semaphores $pid)"
    same "$name: the loop while attached" Probed "$(evaluates)"
    sh "$srcdir/tests/tools/interrupt.sh" $tracer
    wait $tracer
    same "$name: the semaphores are 0 after" 0 "$(semaphores $pid)"
    same "$name: the loop after" Default "$(evaluates)"
    stop "$name" True
}

watch "a while loop" 'def spin():
    n = total = 0
    while on:
        n += 1
        total += 3
    return total == 3 * n
print(spin())' line

watch "a while loop of a module" 'n = total = 0
while on:
    n += 1; total += 3
print(total == 3 * n)' line

watch "a for loop deep in calls and in C" 'import functools, itertools
def deep(n):
    if n % 2:
        return functools.reduce(lambda x, y: deep(x - 1), [n, 0])
    if n:
        return deep(n - 1)
    total = 0
    for n in itertools.count():
        total += 3
        if not on:
            return total == 3 * (n + 1)
print(deep(101))' line

watch "a generator that does not yield" 'def numbers():
    n = total = 0
    while on:
        n += 1
        total += 3
    yield total == 3 * n
def delegates():
    yield from numbers()
print(*delegates())' line

watch "generators that were there before" 'def numbers():
    n = 0
    while True:
        yield n
        n += 1
def pairs():
    yield from zip(numbers(), numbers())
for x, y in pairs():
    if x != y or not on:
        break
print(x == y)' function__entry function__return line

watch "exceptions only" 'def fails(n):
    raise ValueError(n)
n = 0
while on:
    try:
        fails(n)
    except ValueError as e:
        n = e.args[0] + 1
print(n > 0)' function__return

# What a debugger of the program sees goes on as well.
watch "a program that traces itself" 'import sys
def trace(frame, event, arg):
    global lines
    lines += event == "line"
    return trace
def spin():
    global n
    while on:
        n += 1
n = lines = 0
sys.settrace(trace)
spin()
sys.settrace(None)
print(abs(lines - 2 * n) < 9)' function__entry line

# Entered before, and moved to its def when the tracer is there: it does not
# begin again.
start "import os, sys
def moved():
    x = 1
    return x
def after():
    pass
def trace(frame, event, arg):
    if frame.f_code is moved.__code__ and event == 'line' and \\
            not os.path.exists('$work/attached'):
        if frame.f_lineno == frame.f_code.co_firstlineno + 2:
            print('waits', flush=True)
            while not os.path.exists('$work/attached'):
                pass
            frame.f_lineno = frame.f_code.co_firstlineno
    return trace
sys.settrace(trace)
moved()
sys.settrace(None)
after()
while on:
    pass
print(True)"
wait_until "$patience" grep -q waits "$work/printed"
cat > "$work/moved.bt" << EOF
usdt:$cpython:python:function__entry
/str(arg1) == "moved" || str(arg1) == "after"/ { printf("> %s\n", str(arg1)); }
usdt:$cpython:python:function__return
/str(arg1) == "moved" || str(arg1) == "after"/ { printf("< %s\n", str(arg1)); }
interval:ms:20 { printf("ready\n"); }
EOF
: > "$work/seen"
taskset -c "$(first_processor)" bpftrace -q "$work/moved.bt" -p $pid \
    > "$work/seen" 2> "$work/errors" &
tracer=$!
wait_until "$patience" grep -q ready "$work/seen"
: > "$work/attached"
wait_until "$patience" grep -q "< after" "$work/seen"
sh "$srcdir/tests/tools/interrupt.sh" $tracer
wait $tracer
same "a frame that was there is moved to its def" "< moved
> after
< after" "$(grep '[<>]' "$work/seen")"
stop "a frame that was there is moved to its def" "waits
True"

start "$(cat "$here/busy.py")"
sh "$srcdir/tests/tools/replace.sh" @PYTHON@ "$cpython" \
    < "$here/nesting.bt" > "$work/nesting.bt"
for round in 1 2 3; do
    same "everything at once, time $round: entries and returns nest" \
        "on 2, lines 1" "$(BPFTRACE_MAP_KEYS_MAX=16384 \
            bpftrace -q "$work/nesting.bt" -p $pid 2> "$work/errors" |
            grep .)"
    same "everything at once, time $round: the semaphores are 0 after" \
        0 "$(semaphores $pid)"
done
succeeds "tracers come and go all the time" "$unpatched_cpython" -I -S \
    "$here/flip.py" "$(realpath "$cpython")" $pid 5
stop "everything at once" "[True, True]"
finish
