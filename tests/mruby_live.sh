#!/bin/sh
# SPDX-License-Identifier: MIT
# The live cases of mruby: each program of tests/live/mruby, traced by
# bpftrace and recorded, gives what its .expected says, and behaves as under an
# unpatched mruby. And "pytrace verify" has nothing against it.
#
# To add a case, add NAME.rb and NAME.expected there, and NAME.bt where the
# calls are not what it is about. To run some cases only:
#   make check TESTS=tests/mruby_live.sh CASES='NAME...'
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"
# shellcheck source=SCRIPTDIR/tools/cases.sh
. "$srcdir/tests/tools/cases.sh"

need_mruby "live cases of mruby"
choose_tracers "live cases of mruby"

cd "$srcdir/tests/live/mruby" || exit 1
for program in "$PWD"/*.rb; do
    case=$(basename "$program" .rb)
    chosen "$case" || continue
    live_case "$program" "$unpatched_mruby" "$mruby"
    case $tracers in
    *recorder*)
        succeeds "$case: verified" "$pytrace" verify "$result/recording" ;;
    esac
done
finish
