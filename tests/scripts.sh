#!/bin/sh
# SPDX-License-Identifier: MIT
# The tracing scripts and tools, on this machine's own kernel: each directory
# of tests/tracers/host is a case as in tests/tracers/vm (tests/tools/run_cases.sh
# says what is in one). To run some cases only:
#   make check TESTS=tests/scripts.sh CASES='NAME...'
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"
# shellcheck source=SCRIPTDIR/tools/cases.sh
. "$srcdir/tests/tools/cases.sh"

need_lua "tracing scripts"
need_tracing "tracing scripts"
stage=$work/stage
make_stage "$stage"
PYTRACE_CASES=$stage
export PYTRACE_CASES

choose_cases "$srcdir/tests/tracers/host"
# shellcheck disable=SC2086
PATH=$stage/python:$PATH sh "$srcdir/tests/tools/run_cases.sh" "$stage/results" \
    $cases > "$work/log"
for case in $cases; do
    judge_case "$case" "$stage/results"
done
finish
