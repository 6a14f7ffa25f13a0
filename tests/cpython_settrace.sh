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

# A copy of its own: a tracer sees every process that runs the same file.
cp "$cpython" "$work/python"
build=$cpython_host
PYTHONHOME=$build/src
PYTHONPATH=$build/src/Lib:$build/build/$(cat "$build/build/pybuilddir.txt")
PYTHONHASHSEED=0
PYTHONDONTWRITEBYTECODE=1
export PYTHONHOME PYTHONPATH PYTHONHASHSEED PYTHONDONTWRITEBYTECODE
cd "$work" || exit 1

traced_python=./python plain_python=$unpatched_cpython image=$work/python
# shellcheck source=SCRIPTDIR/cpython/comparing.sh
. "$srcdir/tests/cpython/comparing.sh"

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
