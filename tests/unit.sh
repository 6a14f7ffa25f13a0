#!/bin/sh
# SPDX-License-Identifier: MIT
# The unit tests, which are in C (tests/unit); they report as TAP themselves.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

if [ -n "$NO_UNIT" ]; then
    skip "unit tests" "$NO_UNIT"
    finish
fi
# Check writes "ok 1 - FILE:SUITE:TEST: Passed"; its names are enough.
"$builddir/tests/unit/pytrace_test" |
    sed 's/^\(\(not \)\{0,1\}ok [0-9]* - \)[^:]*:[^:]*:\([^:]*\): Passed/\1\3/'
