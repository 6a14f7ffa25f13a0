#!/bin/sh
# SPDX-License-Identifier: MIT
# As user nobody, on a process of nobody's: each command shows what it is for.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_markers "nobody"
need_recorder "nobody"
need_lua "nobody"
need "nobody" setpriv
if [ "$(id -u)" != 0 ]; then
    skip "nobody" "this needs root, to be nobody"
    finish
fi
if [ -e /proc/sys/kernel/yama/ptrace_scope ] &&
    [ "$(cat /proc/sys/kernel/yama/ptrace_scope)" != 0 ]; then
    skip "nobody" "Yama restricts ptrace here"
    finish
fi

# A place of that user's own.
place=$(mktemp -d "${TMPDIR:-/tmp}/pytrace.XXXXXX") || exit 1
running=
leave() {
    [ -z "$running" ] || kill -KILL "$running" 2> /dev/null
    remove_tree "$place"
}
trap leave EXIT
cp "$pytrace" "$lua" "$srcdir"/tests/nobody/*.lua "$place"
chown -R 65534:65534 "$place"
cd "$place" || exit 1
nobody() {
    setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs "$@"
}

setpriv --reuid=65534 --regid=65534 --clear-groups ./lua service.lua > said &
running=$!
wait_said said $running ready

does_show() {
    status=0
    nobody ./pytrace "$@" > "$work/out" 2> "$work/err" || status=$?
    cat "$work/err" >> "$work/out"
    [ $status = 0 ] && grep -q -e "$pattern" "$work/out"
}

# shows NAME PATTERN ARGUMENT...: pytrace prints a line with the pattern (a
# basic regular expression), and its exit status is 0; at the latest the tenth
# time, as on a busy machine the process may have done little meanwhile.
shows() {
    name=$1 pattern=$2 tries=0
    shift 2
    until does_show "$@" || [ $tries = 10 ]; do
        tries=$((tries + 1))
    done
    if [ $tries -lt 10 ]; then
        pass "$name"
    else
        fail "$name" "expected a line like: $pattern" "
came, with exit status $status:
$(head -n 30 "$work/out")"
    fi
}

# What a view of the process, of a recording and of a command has in its output.
while read -r command operand pattern; do
    [ "$operand" != - ] || operand=
    # shellcheck disable=SC2086 # (an operand, or none)
    shows "$command, of a process" "$pattern" \
        $command $operand -d 0.4 -p $running
    # shellcheck disable=SC2086
    shows "$command, of a command" "$pattern" \
        $command $operand -- ./lua service.lua 20
done << 'END'
audit - io.open .*open_settings (.*service.lua:
calls - serve (.*service.lua:
gc - [0-9] .*collect_all (.*service.lua:
imports - settings
latency handle [0-9] .* handle (.*service.lua:
lines - = handle(n)
time - [0-9] .* handle (.*service.lua:
END
shows "flame, of a process" ">serve (service.lua:" flame -d 0.4 -p $running
shows "flame, of a command" "^ready" flame -o now.svg -- ./lua service.lua 20
same "and it is drawn" 1 "$(grep -c ">serve (service.lua:" now.svg)"
shows "verify, of a command" "^kept  *entries and returns nest" \
    verify -- ./lua service.lua 20
shows "check, of a file" "function__entry" check ./lua
shows "check, of a process" "function__entry" check -p $running
shows "ps" "^ *$running  *[^ ]*  *lua .*service.lua" ps -p $running
shows "top" "[0-9] .* handle (.*service.lua:" top -d 2 -p $running
shows "record" "recorded [1-9][0-9,]* events" \
    record -d 0.4 -o now.rec -p $running
shows "print" " function__entry .*funcname=\"handle\"" print now.rec
shows "a view of a recording" "handle (.*service.lua:" time now.rec
for file in now.speedscope.json now.json now.json.gz now.folded now.svg; do
    status=0
    nobody ./pytrace record -d 0.2 -o $file -p $running > "$work/out" 2>&1 ||
        status=$?
    same "record -o $file: it is nobody's, and not empty" "0 65534 yes" \
        "$status $(stat -c %u $file) $([ ! -s $file ] || echo yes)"
done
refuses "bpftrace, and only that, needs root" "needs root" \
    nobody ./pytrace bpftrace "$srcdir/scripts/bpftrace/time.bt" -p $running
same "the program goes on" "" "$(runs $running || echo "it has ended")"
kill $running
wait $running
running=
finish
