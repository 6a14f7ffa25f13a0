#!/bin/sh
# SPDX-License-Identifier: MIT
# The live cases of QuickJS: each program of tests/live/quickjs, traced by
# bpftrace and recorded, gives what its .expected says, and behaves as under an
# unpatched QuickJS. And "pytrace verify" has nothing against it.
#
# To add a case, add NAME.js and NAME.expected there, and NAME.bt where the
# calls are not what it is about. To run some cases only:
#   make check TESTS=tests/quickjs_live.sh CASES='NAME...'
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"
# shellcheck source=SCRIPTDIR/tools/cases.sh
. "$srcdir/tests/tools/cases.sh"

need_quickjs "live cases of QuickJS"
choose_tracers "live cases of QuickJS"

set -- "$srcdir"/tests/live/quickjs/*.js
# (As QUICKJS_GROUPS has it, see ports/quickjs/build.sh.)
if readelf -nW "$quickjs" | grep -q 'Name: exception__thrown$'; then
    set -- "$@" "$srcdir"/tests/live/quickjs-groups/*.js
fi
for program; do
    cd "$(dirname "$program")" || exit 1
    case=$(basename "$program" .js)
    chosen "$case" || continue
    live_case "$program" "$unpatched_quickjs" "$quickjs"
    case $tracers in
    *recorder*)
        succeeds "$case: verified" \
            "$pytrace" verify -- "$quickjs" "$case.js" ;;
    esac
done
finish
