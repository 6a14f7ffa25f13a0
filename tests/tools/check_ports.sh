#!/bin/sh
# SPDX-License-Identifier: MIT
# check_ports.sh - the whole proof of each port and release: build it, and run
# the tests that are about it. "make check" does so for some of them.
#
#   check_ports.sh all|HOST...
#
# HOST is a directory of build/hosts, as in the list below. Prints a line for
# each test, and what failed; leaves the logs in ports/HOST/TEST.log of the
# build directory. Exit status 0 when all passed; what is skipped is counted.

set -u
: "${srcdir:?run it with make check-ports}" "${builddir:?}"
chosen=" $* "
status=0
ports=0
cd "$builddir" || exit 1

lua_tests="live whole lua_behaviour cost"
cpython_tests="cpython_live cpython_settrace cpython_suite cpython_guards
    cpython_attach cpython_gdb cpython_cost"

# count PATTERN LOG
count() {
    grep -c -e "$1" "$2" || true
}

# judge HOST TEST: from its log, with TAP in it.
judge() {
    log=ports/$1/$2.log
    skipped=$(count '^ok.*# SKIP' "$log")
    passed=$(($(count '^ok' "$log") - skipped))
    failed=$(count '^not ok' "$log")
    ended=
    grep -q '^1\.\.' "$log" || ended="; has not come to its end"
    printf '%-16s %-18s %s passed, %s failed, %s skipped%s\n' "$1" "$2" \
        "$passed" "$failed" "$skipped" "$ended"
    [ "$failed$ended" != 0 ] || return 0
    status=1
    awk '/^not ok/ { shown = 1 } /^ok/ { shown = 0 } shown' "$log"
}

# port HOST PROGRAM TEST...: the directory has the port's name and a release.
port() {
    host=$1 target=hosts/$1/$2
    shift 2
    case $chosen in
    *" all "* | *" $host "*) ;;
    *) return 0 ;;
    esac
    ports=$((ports + 1))
    mkdir -p "ports/$host"
    if ! "$MAKE" -s "$target" > "ports/$host/build.log" 2>&1; then
        tail -n 20 "ports/$host/build.log"
        echo "$host cannot be built; the whole log is" \
            "$builddir/ports/$host/build.log"
        status=1
        return
    fi
    for test; do
        sh "$srcdir/tests/$test.sh" > "ports/$host/$test.log" 2>&1
        judge "$host" "$test"
    done
}

# shellcheck disable=SC2086 # (lists)
{
    port lua unpatched/lua $lua_tests lua_builds
    for release in 5.4.9 5.5.1; do
        PYTRACE_LUA=$builddir/hosts/lua-$release LUA_VERSION=$release
        export PYTRACE_LUA LUA_VERSION
        port lua-$release unpatched/lua $lua_tests
        unset PYTRACE_LUA LUA_VERSION
    done
    port cpython python $cpython_tests
    PYTRACE_CPYTHON=$builddir/hosts/cpython-3.13.15
    export PYTRACE_CPYTHON
    port cpython-3.13.15 python $cpython_tests
    unset PYTRACE_CPYTHON
    port cpython-free-threaded python free_threaded
    port quickjs unpatched/qjs quickjs_live quickjs_attach quickjs_suite \
        quickjs_cost quickjs_whole
    port mruby unpatched/mruby mruby_live
}
if [ $ports = 0 ]; then
    echo "check_ports.sh: no port is called$chosen" >&2
    status=1
fi
exit $status
