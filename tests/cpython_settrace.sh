#!/bin/sh
# SPDX-License-Identifier: MIT
# Over programs of the standard library's tests, counted in the kernel and
# recorded: the markers for functions and lines are the events of
# sys.settrace(), each with its file, function and line, in their order; and
# entries and returns nest.
# shellcheck disable=SC2086 # (lists of programs and of tracers)
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_cpython "comparison with sys.settrace()"

# Programs that do the same each time: without threads and other processes,
# recursion to the limit, addresses, temporary files, tracing of their own.
programs="
    test_abc test_asyncgen.AsyncGenTest test_baseexception test_bisect
    test_collections.TestChainMap test_contextlib test_copy
    test_coroutines.CoroutineTest test_dataclasses.TestCase test_decorators
    test_enum.OldTestFlag test_except_star test_exception_group test_extcall
    test_functools.TestTotalOrdering test_generators.ExceptionTest
    test_generators.GeneratorThrowTest test_genexps test_grammar
    test_heapq.TestModules test_iter test_json.test_decode test_keywordonlyarg
    test_listcomps test_metaclass test_named_expressions test_operator
    test_patma.TestPatma test_positional_only_arg test_raise test_string
    test_textwrap test_type_params test_unpack test_with test_yield_from"
compare=$srcdir/tests/cpython

# A copy of its own: a tracer sees every process that runs the same file.
cp "$cpython" "$work/python"
build=$cpython_host
PYTHONHOME=$build/src
PYTHONPATH=$build/src/Lib:$build/build/$(cat "$build/build/pybuilddir.txt")
PYTHONHASHSEED=0
PYTHONDONTWRITEBYTECODE=1
export PYTHONHOME PYTHONPATH PYTHONHASHSEED PYTHONDONTWRITEBYTECODE
cd "$work" || exit 1

# As long as paths are, and small enough for the BPF stack.
length=160

# ---- the two ways to trace: run compare.py, and leave what the markers say

# attach NAME: wait until compare/NAME.bt is attached.
attach() {
    sh "$srcdir/tests/tools/replace.sh" @PYTHON@ "$work/python" \
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
    ./python "$compare/compare.py" "$@" > printed 2> errors
    sh "$srcdir/tests/tools/interrupt.sh" $tracers
    wait $tracers
}

# recorded SCRIPTS ARGUMENT...
recorded() {
    scripts=$1
    shift
    "$pytrace" record --full block -o recording -- \
        ./python "$compare/compare.py" "$@" > printed 2> errors
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
    "$unpatched_cpython" "$compare/compare.py" --settrace $((length - 1)) \
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

# With the instructions that sys.settrace() has changed.
few="test_coroutines.CoroutineTest test_generators.ExceptionTest test_listcomps
    test_with"

# compare_all HOW: counted or recorded.
compare_all() {
    $1 "compare nesting" $programs
    same_events all "$programs" "$1: markers are the events of sys.settrace()"
    same_nesting $1
    $1 compare --settrace $((length - 1)) $few
    same_events few "$few" \
        "$1: markers are the same while sys.settrace() is in use"
}

settrace all $programs
settrace few $few
if why=$(can_trace); then
    compare_all counted
else
    skip "counted in the kernel" "$why"
fi
if why=$(can_record); then
    compare_all recorded
else
    skip "recorded" "$why"
fi
finish
