#!/bin/sh
# SPDX-License-Identifier: MIT
# Load and faults, live: tracers that come and go, are killed and stopped, while
# hosts run threads, start processes, load libraries, get signals. Each case
# counts what was fired and what was traced (tests/stress/case.sh). And the
# library under sanitizers (tests/stress/sanitizers.sh).
#
# To run some cases only: make check TESTS=tests/stress.sh CASES='NAME...'
# For longer: make check-soak (tests/stress/soak.sh).
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"
need_lua "load and faults"
programs=$work/programs
succeeds "the programs are built" \
    sh "$srcdir/tests/stress/build.sh" "$builddir" "$programs"
# Where the kernel cannot trace as uprobe.c asks it to, the sanitizers remain.
count=$programs/count
why=$(can_trace) || count=
case $(uname -r) in
[0-5].* | 6.[0-5] | 6.[0-5][!0-9]*)
    why="the kernel is older than Linux 6.6" count= ;;
esac
[ -n "$count" ] || skip "load and faults" "$why"

# run_case CASE AMOUNT WHAT
run_case() {
    if timeout -k 5 900 \
        sh "$srcdir/tests/stress/case.sh" "$1" "$2" 1 "$work/$1"; then
        pass "$3: $(paste -s -d ' ' "$work/$1/said")"
    else
        fail "$3" "$(cat "$work/$1/log")"
    fi
}

# stress CASE AMOUNT WHAT: what the kernel traces.
stress() {
    [ -n "$count" ] && chosen "$1" || return 0
    run_case "$@"
}

stress cycles 1000 "tracers come and go while 8 threads fire"
stress kills 100 "tracers are killed"
stress lua_cycles 1000 "tracers come and go while Lua runs"
stress lua_kills 100 "tracers of Lua are killed"
stress lua_counts 1000 "one tracer of Lua counts while others come and go"
stress tracers 1500 "several tracers at once, one of them stopped for a while"
stress processes 200 "processes are started in every way"
stress inherit 1 "what a child inherits"
stress libraries 1000 "libraries of two providers come and go"
stress signals 20000 "signals, jumps, ends of threads and of the program"
stress interpreters 100 "interpreters start and end"
stress strings 1 "strings of every kind"

# The recorder, which needs no permission to trace by the kernel.
recorders=$programs/recorders
if [ ! -x "$builddir/pytrace" ]; then
    why="pytrace was not built: libelf-dev is missing" recorders=
elif grep -q 'with_recorder=no' "$builddir/config.log"; then
    why="this build is --without-recorder" recorders=
fi
[ -n "$recorders" ] || skip "the recorder: load and faults" "$why"

# recorder CASE AMOUNT WHAT: as stress.
recorder() {
    [ -n "$recorders" ] && chosen "$1" || return 0
    run_case "$@"
}

recorder record_cycles 1000 "recorders come and go while 8 threads fire"
recorder record_kills 100 "recorders are killed, recording and attaching"
recorder record_ends 100 "recorded programs are killed, crash and exit"
recorder record_processes 100 "recorded programs start processes in every way"
recorder record_signals 20000 "recorded events are interrupted and left"
recorder record_libraries 100 "a recorded library comes and goes"
recorder record_rivals 20 "two recorders of one process"
[ -z "$count" ] ||
    recorder record_tracers 100 "bpftrace, perf and the recorder at once"

# What the unit tests are compiled with (Makefile.am); the compiler is to see
# the quotes.
variable() {
    sed -n "s/^$1 = //p" "$builddir/Makefile"
}
UNIT_FLAGS=
# shellcheck disable=SC2089
if [ -z "${NO_UNIT:-}" ]; then
    UNIT_FLAGS="$($PKG_CONFIG --cflags --libs check libelf)
        -I$srcdir/tests/unit -DPROVIDER=\"$(variable PYTRACE_PROVIDER)\"
        -DVERSION_CONFIGURED=\"$(variable PACKAGE_VERSION)\""
fi
# shellcheck disable=SC2090
export UNIT_FLAGS
for kind in address undefined thread valgrind; do
    chosen $kind || continue
    if [ $kind = valgrind ] && ! have valgrind; then
        skip "nothing is found: valgrind" "there is no valgrind"
        continue
    fi
    succeeds "nothing is found: $kind" timeout -k 5 900 \
        sh "$srcdir/tests/stress/sanitizers.sh" "$builddir" "$work/$kind" \
        $kind "$count" "$recorders"
done

for kind in address valgrind; do
    chosen lua_$kind || continue
    if [ $kind = valgrind ] && ! have valgrind; then
        skip "nothing is found in the Lua port: valgrind" "there is no valgrind"
        continue
    fi
    succeeds "nothing is found in the Lua port: $kind" timeout -k 5 900 \
        sh "$srcdir/tests/stress/lua_sanitizers.sh" "$builddir" \
        "$work/lua_$kind" $kind "$count"
done

if [ -n "$count" ] && chosen soak; then
    if SOAK_SECONDS=60 sh "$srcdir/tests/stress/soak.sh" "$work/soak" \
        > "$work/soak.log" 2> "$work/soak.progress"; then
        pass "a minute of all of it: $(wc -l < "$work/soak.progress") cases,\
 $(head -n 1 "$work/soak.log")"
    else
        fail "a minute of all of it" "$(cat "$work/soak.log")"
    fi
fi
finish
