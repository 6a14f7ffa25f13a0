#!/bin/sh
# SPDX-License-Identifier: MIT
# The live cases: each program of tests/live/lua, traced by bpftrace and
# recorded, prints what its .expected says, and behaves as under an unpatched
# Lua; with the markers in the executable and in a shared library.
#
# To add a case, add NAME.lua and NAME.expected there, NAME.bt where the calls
# are not what it is about, and NAME.c where it takes a host of its own. To run
# some cases only:
#   make check TESTS=tests/live.sh CASES='NAME...'
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"
# shellcheck source=SCRIPTDIR/tools/cases.sh
. "$srcdir/tests/tools/cases.sh"

need_lua "live cases"
choose_tracers "live cases"

cases=$srcdir/tests/live/lua

# A case that has a NAME.c runs in that host instead of the interpreter.
compile_hosts() {
    sources=$lua_host/src
    $CC -O2 -g -I"$sources/unpatched/src" -o "$plain_lua" \
        "$cases/$case.c" "$sources/unpatched/src/liblua.a" -lm -ldl &&
        $CC -O2 -g -I"$sources/patched/src" -o "$images" "$cases/$case.c" \
            "$sources/patched/src/liblua.a" \
            "$lua_host/prefix/lib/libpytrace-lua.a" -lm -ldl
}

for program in "$cases"/*.lua; do
    case=$(basename "$program" .lua)
    chosen "$case" || continue
    plain_lua=$unpatched_lua images="$lua $liblua"
    if [ -f "$cases/$case.c" ]; then
        mkdir -p "$work/$case-plain" "$work/$case-host"
        plain_lua=$work/$case-plain/lua images=$work/$case-host/lua
        succeeds "$case.c compiles" compile_hosts
    fi
    # shellcheck disable=SC2086 # (a list)
    live_case "$program" "$plain_lua" $images
done
finish
