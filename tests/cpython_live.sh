#!/bin/sh
# SPDX-License-Identifier: MIT
# The live cases of CPython: each program of tests/live/cpython, traced by
# bpftrace and recorded, gives what its .expected says, and behaves as under an
# unpatched CPython; with the markers in the executable and in a shared library.
# tests/live/cpython-groups has the cases of the optional groups, for a CPython
# that was built with them (CPYTHON_GROUPS, see ports/cpython/build.sh).
#
# To add a case, add NAME.py and NAME.expected there, and NAME.bt where the
# calls are not what it is about. To run some cases only:
#   make check TESTS=tests/cpython_live.sh CASES='NAME...'
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"
# shellcheck source=SCRIPTDIR/tools/cases.sh
. "$srcdir/tests/tools/cases.sh"

need_cpython "live cases of CPython"
choose_tracers "live cases of CPython"
release=$("$unpatched_cpython" -V | sed 's/.* //')

set -- "$srcdir"/tests/live/cpython/*.py
if readelf -nW "$cpython" | grep -q 'Name: exception__thrown$'; then
    set -- "$@" "$srcdir"/tests/live/cpython-groups/*.py
fi
for program; do
    chosen "$(basename "$program" .py)" || continue
    live_case "$program" "$unpatched_cpython" "$cpython" "$libcpython"
done
finish
