#!/bin/sh
# SPDX-License-Identifier: MIT
# The recorder's half in the program (src/runtime/recorder.c), by itself: what
# is fired is written once, or is counted as lost, whatever interrupts it. The
# program tests/recorder/writer.c records itself, also under sanitizers. And
# what the recorder adds to a host, and when it is left out.
#
# To run some cases only: make check TESTS=tests/recorder.sh CASES='NAME...'
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"
need_markers "the recorder's writer"

# compile FLAG...: the writer; the markers are compiled with it.
compile() {
    # shellcheck disable=SC2086 # (a compiler and its flags)
    $CC -std=gnu11 -O2 -g -Wall -Wextra -Wno-unused-function -I"$builddir" \
        -I"$builddir/include" -I"$srcdir/src/runtime" -fPIC \
        "$srcdir/tests/recorder/writer.c" "$srcdir/tests/recorder/reader.c" \
        "$@" -lpthread
}

# writes KIND PROGRAM CASE [AMOUNT]
writes() {
    kind=$1 program=$2 case=$3
    shift 3
    chosen "$case" || return 0
    if timeout -s KILL 300 "$program" "$case" "$@" > "$work/said" 2>&1; then
        pass "$kind, $case: $(tail -n 1 "$work/said")"
    else
        fail "$kind, $case" "$(head -n 30 "$work/said")"
    fi
}

if grep -q '^#define PYTRACE_WITHOUT_RECORDER' "$builddir/pytrace_probes.c"; then
    skip "the recorder's writer" "this build is --without-recorder"
    finish
fi
succeeds "the writer is compiled" \
    compile -o "$work/writer" "$builddir/libpytrace.a"
for case in $("$work/writer"); do
    writes plain "$work/writer" "$case"
done

# fork_often: with few events, most forks are in the middle of the first.
fork_often() {
    times=0
    while [ "$times" -lt 200 ]; do
        timeout -s KILL 60 "$work/writer" fork_inside 300 || return 1
        times=$((times + 1))
    done
}
if chosen fork_inside; then
    succeeds "plain, fork_inside, 200 times" fork_often
fi

# Not under a sanitizer: threads that are cancelled anywhere, and vfork, which
# ThreadSanitizer takes for fork.
sanitized() {
    kind=$1
    shift
    if ! compile "$@" -o "$work/$kind" "$builddir/pytrace_probes.c" \
        > "$work/log" 2>&1; then
        if echo 'int main(void) { return 0; }' |
            $CC "$@" -x c -o "$work/empty" - 2> "$work/log2"; then
            fail "$kind: the writer is compiled" "$(cat "$work/log")"
        else
            skip "$kind" "$CC does not link with $*"
        fi
        return
    fi
    for case in threads strings signals alternate jumps full block; do
        writes "$kind" "$work/$kind" "$case" 20000
    done
    writes "$kind" "$work/$kind" again 20
    writes "$kind" "$work/$kind" followed
    writes "$kind" "$work/$kind" closed
}
ASAN_OPTIONS=detect_leaks=0
export ASAN_OPTIONS
sanitized address -fsanitize=address -fno-omit-frame-pointer
sanitized undefined -fsanitize=undefined -fno-sanitize-recover=all
sanitized thread -fsanitize=thread
finish
