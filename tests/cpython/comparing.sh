# SPDX-License-Identifier: MIT
# comparing.sh - to be sourced after lib.sh: programs of the standard library's
# tests, traced, beside what sys.settrace() says of them (compare.py).
#
# The caller sets traced_python and plain_python, programs that run a Python
# program with markers and without, and image, the file that has the markers.
#
# shellcheck shell=sh disable=SC2086,SC2154 # (lists; lib.sh's variables)

compare=$srcdir/tests/cpython

# As long as paths are, and small enough for the BPF stack.
length=160

# ---- the two ways to trace: run compare.py, and leave what the markers say

# attach NAME: wait until compare/NAME.bt is attached.
attach() {
    sh "$srcdir/tests/tools/replace.sh" @PYTHON@ "$image" \
        < "$compare/$1.bt" > "$1.bt"
    printf '%s\n' 'interval:ms:20 { printf("ready\n"); }' >> "$1.bt"
    : > "$1.got"
    BPFTRACE_STRLEN=$length BPFTRACE_MAP_KEYS_MAX=100000 \
        bpftrace -q "$1.bt" > "$1.got" 2> "$1.errors" &
    tracers="$tracers $!"
    wait_said "$1.got" $! '^ready$' || {
        fail "$1.bt is attached" "$(cat "$1.errors")"
        finish
    }
}

# counted SCRIPTS ARGUMENT...
counted() {
    tracers=
    for script in $1; do
        attach $script
    done
    shift
    "$traced_python" "$compare/compare.py" "$@" > printed 2> errors
    sh "$srcdir/tests/tools/interrupt.sh" $tracers
    wait $tracers
}

# recorded SCRIPTS ARGUMENT...
recorded() {
    scripts=$1
    shift
    "$pytrace" record --full block -o recording -- \
        "$traced_python" "$compare/compare.py" "$@" > printed 2> errors
    for script in $scripts; do
        BPFTRACE_STRLEN=$length sh "$srcdir/tests/tools/replay.sh" \
            "$pytrace" "$compare/$script.bt" recording > $script.got \
            2>> errors || fail "recorded: nothing is lost" "$(cat errors)" "
$(grep -v '^@' $script.got)"
    done
}

# ---- what is compared

readable() {
    $AWK -f "$compare/readable.awk" | sort
}

# settrace NAME PROGRAM...: what it reports, in settrace.NAME.
settrace() {
    name=$1
    shift
    "$plain_python" "$compare/compare.py" --settrace $((length - 1)) \
        "$@" 2> errors.$name | readable > settrace.$name
}

# same_events NAME PROGRAMS TEXT: those of compare.got and settrace.NAME.
same_events() {
    { cat compare.got; grep '^@outcome' printed; } | readable > markers
    index=0
    for program in $2; do
        index=$((index + 1))
        expected=$(grep "^$index " settrace.$1)
        case $expected in
        *" calls: "*" lines: "*"errors=0 failures=0"*" returns: "*)
            same "$program: $3" "$expected" "$(grep "^$index " markers)" ;;
        *)
            fail "$program runs under sys.settrace()" "$expected" \
                "$(tail -n 20 errors.$1)" ;;
        esac
    done
}

same_nesting() {
    numbers=$(cat nesting.got)
    entries=$(echo "$numbers" | sed -n 's/^entries \([0-9]*\),.*/\1/p')
    if [ "${entries:-0}" -lt 100000 ]; then
        fail "$1: entries and returns nest" \
            "fewer than 100,000 entries: $numbers" "$(tail -n 20 errors)"
    else
        same "$1: entries and returns nest, $entries of each" \
            "entries $entries, returns $entries, mismatches 0" \
            "$(echo "$numbers" | grep -v -e '^$' -e '^ready$')"
    fi
}
