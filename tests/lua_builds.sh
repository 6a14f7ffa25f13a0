#!/bin/sh
# SPDX-License-Identifier: MIT
# The live cases of Lua on other builds of the port: one that checks its
# assertions and its callers, and those of other releases, to which the same
# description adds the lines; tests/live/lua-5.5 has what 5.5 alone can do. All
# of these have the optional groups, whose cases are tests/live/lua-groups. To
# run some cases only:
#   make check TESTS=tests/lua_builds.sh CASES='NAME...'
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"
# shellcheck source=SCRIPTDIR/tools/cases.sh
. "$srcdir/tests/tools/cases.sh"

need_lua "other builds of Lua"
choose_tracers "other builds of Lua"

# build NAME VERSION COMPILER: in $work/NAME, patched and unpatched; sets
# $status, and shows nothing unless it fails.
build() {
    mkdir -p "$work/$1"
    LUA_VERSION=$2 CC=$3
    export LUA_VERSION CC
    status=0
    {
        sh "$srcdir/ports/lua/build.sh" "$builddir/hosts/source" "$work/$1" \
            lua --with-groups=exceptions,cfunctions,tasks,auditing &&
            sh "$srcdir/ports/lua/build.sh" --unpatched "$work/$1"
    } > "$work/$1/built" 2>&1 || status=$?
}

# A case that has a NAME.c runs in that host instead of the interpreter.
compile_host() {
    # shellcheck disable=SC2086 # (a compiler and its flags)
    $CC -O2 -g -I"$tree/src/unpatched/src" -o "$plain" "$cases/$case.c" \
        "$tree/src/unpatched/src/liblua.a" -lm -ldl &&
        $CC -O2 -g -I"$tree/src/patched/src" -o "$image" "$cases/$case.c" \
            "$tree/src/patched/src/liblua.a" \
            "$tree/prefix/lib/libpytrace-lua.a" -lm -ldl
}

# run_cases TREE CASES
run_cases() {
    tree=$1 cases=$2
    for program in "$cases"/*.lua; do
        case=$(basename "$program" .lua)
        chosen "$case" || continue
        plain=$tree/unpatched/lua image=$tree/lua
        if [ -f "$cases/$case.c" ]; then
            mkdir -p "$tree/$case-plain" "$tree/$case-host"
            plain=$tree/$case-plain/lua image=$tree/$case-host/lua
            succeeds "${tree##*/}: $case.c compiles" compile_host
        fi
        live_case "$program" "$plain" "$image"
    done
}

compiler=$CC
unset LUA_TARBALL
mkdir "$work/assertions"
cp "$builddir"/hosts/lua/lua-*.tar.gz "$work/assertions"
build assertions 5.4.4 "$compiler -DLUAI_ASSERT -DLUA_USE_APICHECK"
same "with assertions, it is built: $(tail -n 5 "$work/assertions/built")" \
    0 $status
same "its assertions are compiled in" 1 \
    "$(nm "$work/assertions/lua" | grep -c '__assert')"
run_cases "$work/assertions" "$srcdir/tests/live/lua"
run_cases "$work/assertions" "$srcdir/tests/live/lua-groups"

for release in 5.4.9 5.5.1; do
    build "$release" "$release" "$compiler"
    if [ $status = 77 ]; then
        skip "Lua $release" "$(tail -n 1 "$work/$release/built")"
        continue
    fi
    same "$release is built: $(tail -n 5 "$work/$release/built")" 0 $status
    same "it is $release" "Lua $release" \
        "$("$work/$release/lua" -v | sed 's/  .*//')"
    run_cases "$work/$release" "$srcdir/tests/live/lua"
    run_cases "$work/$release" "$srcdir/tests/live/lua-groups"
    case $release in
    5.5.*) run_cases "$work/$release" "$srcdir/tests/live/lua-5.5" ;;
    esac
done
finish
