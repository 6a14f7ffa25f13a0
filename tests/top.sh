#!/bin/sh
# SPDX-License-Identifier: MIT
# pytrace top: what a program does now. On a screen (in tmux), with its keys;
# and without one, as text and as JSON. However it ends, the terminal is as it
# was, and the program's semaphores are 0.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_markers "pytrace top"
need_recorder "pytrace top"
cd "$work" || exit 1
host=$work/host
${CC:-gcc} -O2 -Wall -Wextra -I"$builddir/include" -o "$host" \
    "$srcdir/tests/top/host.c" "$builddir/libpytrace.a" -lpthread > log 2>&1 ||
    {
        fail "the host is built" "$(cat log)"
        finish
    }

# begin ARGUMENT...: a host that runs until end, $running.
begin() {
    rm -f said
    "$host" "$@" > said &
    running=$!
    wait_said said $running
}

end() {
    kill "$running" 2> /dev/null
    wait "$running" 2> /dev/null
}

# Whether a semaphore of the running host has the recorder's bit.
is_on() {
    "$builddir/pytrace-check" --except all -p "$running" | grep -q 16384
}

is_off() {
    ! is_on
}

# ---- without a terminal

status=0
"$pytrace" top -- "$host" end 100 7 > out 2> err < /dev/null || status=$?
same "text: the command's exit status, and its own output" "7
ready
an error's text" "$status
$(grep ready out)
$(cat err)"
same "text: the functions, the most expensive first" "slow (host.c:2)
serve (host.c:1)
quick (host.c:3)" "$($AWK '/ function$/ { n++ } n == 1 && / \(host/ {
    print $(NF - 1), $NF }' out | sort -u | sort -t : -k 2 | $AWK '
    /slow/ { a = $0 } /serve/ { b = $0 } /quick/ { c = $0 }
    END { print a; print b; print c }')"
same "text: the worst of the first second is first" "slow" \
    "$($AWK '/ function$/ { getline; print $(NF - 1); exit }' out)"
"$pytrace" top --json -- "$host" end 100 > out 2> err < /dev/null
same "JSON: calls of all seconds, added up" "100 quick 2000 serve 100" \
    "$($AWK '/^{/ {
        while (match($0, /"calls_per_second":[0-9]+,[^{}]*}/)) {
            row = substr($0, RSTART, RLENGTH)
            $0 = substr($0, RSTART + RLENGTH)
            calls = row; sub(/.*"all_calls":/, "", calls); sub(/,.*/, "", calls)
            name = row; sub(/.*"function":"/, "", name); sub(/".*/, "", name)
            last[name] = calls
        }
    }
    END {
        print last["slow"], "quick", last["quick"], "serve", last["serve"]
    }' out)"
if have python3; then
    succeeds "JSON: each line is an object" python3 -c '
import json, sys
for line in open("out"):
    if line.startswith("{"):
        json.loads(line)'
fi
begin wait
"$pytrace" top --json -p $running -d 1.5 > out 2> err < /dev/null
same "JSON: a process that fires nothing, and what it waits in" "false S" \
    "$(sed -n '1s/.*"fires":\([a-z]*\),"state":"\(.\)","system_call":.*/\1 \2/p' \
        out)"
end
refuses "a recording is refused, and names pytrace time" "pytrace time FILE" \
    "$pytrace" top a.rec
refuses "without a process" "name a process with -p" "$pytrace" top

# A reader that is killed: the recorder ends, also where much is under way.
# (It is stopped before, so that the pipe to it is full.)
is_blocked() {
    grep -q -s pipe_write "/proc/$recorder/task/"*/wchan
}
begin spin
"$pytrace" top --json --max-overhead 100 -p $running > out 2> err < /dev/null &
top=$!
succeeds "it records at full speed" wait_said out $top '"function":"spin"'
recorder=$(child_of $top)
kill -STOP $top
succeeds "its pipe is full" wait_until "$patience" is_blocked
kill -KILL $top
wait $top 2> /dev/null
succeeds "killed: the recorder ends, too" wait_until "$patience" has_ended \
    "$recorder"
succeeds "killed: the semaphores are as before" is_off
end
begin serve
"$pytrace" top -p $running > out 2> err < /dev/null &
top=$!
wait_said out $top "slow (host"
kill -TERM $top
wait $top
same "SIGTERM: the exit status" 0 $?
succeeds "SIGTERM: the semaphores are as before" is_off
end

# ---- on a screen

have tmux || {
    skip "the screen" "there is no tmux"
    finish
}
if ! grep -q 'HAVE_NCURSES' "$builddir/config.status"; then
    skip "the screen" "this build is without ncurses (libncurses-dev)"
    finish
fi
# (A server for each: one that is ending takes no new sessions. The name of a
# socket is short.)
sockets=$(mktemp -d /tmp/pytrace.XXXXXX)
servers=0
in_tmux() {
    tmux -S "$sockets/$servers" -f /dev/null "$@"
}
trap 'in_tmux kill-server 2> /dev/null; kill $running 2> /dev/null
    rm -rf "$sockets"' EXIT

# open COLUMNS ROWS ARGUMENT...: pytrace top there, as the job of a shell that
# then says how the terminal is left.
open() {
    size="-x $1 -y $2"
    shift 2
    rm -f left status
    in_tmux kill-server 2> /dev/null
    servers=$((servers + 1))
    # shellcheck disable=SC2086
    in_tmux new-session -d $size "cd '$work'; export TMPDIR='$work' \
TERM=${terminal:-\$TERM}; '$pytrace' top $* \
2> messages; echo \$? > status; stty -a > left; exec sleep 1000"
}

keys() {
    in_tmux send-keys "$@"
}

# shows PATTERN: on the screen, now.
shows() {
    in_tmux capture-pane -p > screen && grep -q -e "$1" screen
}

lacks() {
    in_tmux capture-pane -p > screen && ! grep -q -e "$1" screen
}

# first PATTERN: the first row.
first() {
    in_tmux capture-pane -p > screen &&
        $AWK '/function \(file/ { getline; print; exit }' screen |
        grep -q -e "$1"
}

# becomes NAME COMMAND...: the screen does, after some time.
becomes() {
    becomes_name=$1
    shift
    if wait_until "$patience" "$@" 2> vain; then
        pass "$becomes_name"
    else
        fail "$becomes_name" "$(cat vain)" "
$(cat screen)"
    fi
}

has_left() {
    [ -s left ]
}

# leaves NAME: it has ended, and the terminal is as it was.
leaves() {
    wait_until "$patience" has_left
    same "$1: the terminal is as it was, and the exit status" \
        "echo icanon 0" \
        "$(tr ' ;' '[\n*]' < left | grep -x -e echo -e icanon | sort |
            paste -s -d ' ' -) $(cat status)"
    succeeds "$1: the semaphores are as before" is_off
}

begin threads
open 100 20 -p $running
becomes "the worst is first" first "slow (host.c:2)"
becomes "all columns are there" shows "calls/s .* own % .* own .* with callees"
becomes "the process, and its command" shows "$running: .*host threads"
becomes "events a second" shows "[0-9] events/s, 0 lost, 2 threads"
keys c
becomes "key c: by calls" first "quick (host.c:3)"
keys t
becomes "key t: with callees" first "serve (host.c:1)"
keys o
becomes "key o: by own time" first "slow (host.c:2)"
keys f q u i
becomes "key f: the text is shown" shows "function or file: qui"
keys Enter
becomes "key f: a filter by function" first "quick"
becomes "key f: nothing else is left" lacks "slow (host"
keys f Enter
becomes "key f: without a text, all" shows "slow (host"
keys h
keys "$running" Enter
becomes "key h: one thread" lacks "other (host"
keys h 1 Enter
becomes "key h: a thread that is not there" lacks "(host"
keys h Enter
becomes "key h: without a number, all" shows "other (host"
keys p 1 Enter
becomes "key p: a process that is not there" lacks "(host"
keys p Enter
becomes "key p: without a number, all" shows "other (host"
keys c
becomes "a row is chosen" first "quick"
keys Down Up Enter
becomes "Enter: callers" shows "serve (host.c:1)"
becomes "Enter: the titles" shows "called by"
keys Enter '?'
becomes "key ?: help" shows "callers and callees; and back"
keys q
becomes "help: any key goes back" shows "quick (host"
keys Space
becomes "space: it is frozen" shows FROZEN
keys Space
becomes "space: it goes on" lacks FROZEN
in_tmux resize-window -x 40 -y 12
becomes "40 columns: the functions are there" shows "own %  function"
becomes "40 columns: other columns are left out" lacks "with callees  "
same "40 columns: no line is longer" "" "$($AWK 'length($0) > 40' screen)"
keys q
leaves "key q"
open 80 24 -p $running
becomes "again" shows "slow (host"
keys C-c
leaves "Ctrl-C"
open 80 24 -p $running
becomes "again" shows "slow (host"
kill -TERM "$(child_of "$(in_tmux list-panes -F '#{pane_pid}')")"
leaves "SIGTERM"

open 80 24 -p $running
becomes "again" shows "slow (host"
end
becomes "the program ends: this is shown" shows "has ended; q quits"
becomes "the program ends: the figures stay" shows "slow (host"
keys q
wait_until "$patience" has_left
same "the program ends: the exit status" 0 "$(cat status)"

begin wait
open 100 20 -p $running
becomes "an idle process: its state and system call" \
    shows "fires nothing: it is blocked (S) in system call"
becomes "an idle process: the tool for native stacks" shows "gdb -p $running"
end
begin compute
open 100 20 -p $running
becomes "a process in C" shows "computes in C (R); perf top -p $running"
end

begin many 1000
open 80 24 -p $running
becomes "a thousand functions" shows "1-2[0-9]* of 1000"
becomes "a thousand functions: the worst is first" first "function_0 "
keys End
becomes "a thousand functions: End" shows "-1000 of 1000"
keys Home NPage
becomes "a thousand functions: Page Down" shows " [1-9][0-9]*-[0-9]* of 1000"
keys Home
becomes "a thousand functions: Home" first "function_0 "
end
begin bad
open 80 24 -p $running
becomes "control characters are not the terminal's" \
    shows '\\x1b\[2Jbad\\x0a (host.c:7)'
end

# A command: its output does not come to the screen.
running=$$
open 80 24 -- "$host" end 300 3
becomes "a command: its functions" shows "slow (host"
becomes "a command: where its output is" shows "its output: .*pytrace.top"
becomes "a command that ends: it stays" shows "has ended; q quits"
becomes "a command: no output is on the screen" lacks "error's text"
keys q
wait_until "$patience" has_left
same "a command: its exit status, and its output" "3
ready
an error's text" "$(cat status)
$(cat pytrace.top.*)"
open 80 24 -- "$host" serve
becomes "a command that goes on" shows "slow (host"
command=$(sed -n 's/^pytrace top  \([0-9]*\):.*/\1/p' screen)
keys q
wait_until "$patience" has_left
succeeds "a command that goes on ends with key q" wait_until "$patience" \
    has_ended "$command"
open 80 24 -- "$work/there-is-none"
wait_until "$patience" has_left
same "a command that is not there: status and message" \
    "127 pytrace: $work/there-is-none: there is no such command" \
    "$(cat status messages | paste -s -d ' ' -)"
terminal=dumb
open 80 24 -- "$host" end 100
wait_until "$patience" has_left
same "a terminal that writes below only: tables, and why" \
    "0 pytrace top: one table each second: this terminal has no places to \
write to (TERM=dumb)" "$(cat status) $(head -n 1 messages)"
in_tmux kill-server
running=
finish
