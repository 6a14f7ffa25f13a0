#!/bin/sh
# SPDX-License-Identifier: MIT
# QuickJS's own tests have the results of QuickJS as released, untraced and
# while all markers are recorded, and keep the promises of the markers; and what
# it compiles is, byte for byte, what the release compiles.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_quickjs "QuickJS's own tests"
hosts=$builddir/hosts/quickjs

# (test_builtin.js is for --std; those of modules in C find them beside.)
tests="test_closure test_language test_builtin test_loop test_bigint test_std
    test_worker test_cyclic_import test_bjson ../examples/test_point"

# The end of the standard input would end a child that test_std.js is to kill.
mkfifo "$work/input"
exec 3<> "$work/input"

# run TREE TEST [COMMAND...]: what it says, and its exit status.
run() {
    tree=$1 test=$2
    shift 2
    (cd "$hosts/src/$tree" && "$@" ./qjs --std "tests/$test.js" 2>&1 <&3)
    echo "exit status $?"
}

for test in $tests; do
    released=$(run unpatched "$test")
    case $released in
    *"exit status 0") pass "$test passes as released" ;;
    *) fail "$test passes as released" "$released" ;;
    esac
    same "$test, untraced" "$released" "$(run patched "$test")"
    if why=$(can_record); then
        same "$test, traced" "$released" "$(run patched "$test" \
            "$pytrace" record --full block -o "$work/recording" -- |
            grep -v '^pytrace: recorded .* 0 lost, into ')"
        succeeds "$test, its events keep the promises" \
            "$pytrace" verify "$work/recording"
    else
        skip "$test, traced" "$why"
    fi
done

# ---- the bytecode

# compiled DIRECTORY FILE [OPTION]: what qjsc makes of it, in C.
compiled() {
    : > "$work/code.c"
    "$1/qjsc" ${3:+"$3"} -c -N code -o "$work/code.c" "$2" 2>&1
    echo "exit status $?"
    cat "$work/code.c"
}
for file in "$hosts"/src/unpatched/tests/*.js \
    "$hosts"/src/unpatched/examples/*.js "$hosts/src/unpatched/repl.js" \
    "$srcdir"/tests/live/quickjs/*.js "$srcdir"/tests/quickjs/*.js; do
    for option in "" -m -s; do
        compiled "$hosts/unpatched" "$file" "$option" > "$work/released"
        compiled "$hosts" "$file" "$option" > "$work/patched"
        cmp -s "$work/released" "$work/patched" ||
            echo "$(basename "$file") $option"
        echo x >> "$work/compared"
    done
done > "$work/different"
same "$(wc -l < "$work/compared") programs have the release's bytecode" "" \
    "$(cat "$work/different")"

# A name that is too long, and not ASCII, is cut behind a whole character.
if can_record > "$work/why"; then
    echo 'const name = "\u00e9".repeat(5000); ({ [name]() {} })[name]();' \
        > "$work/long.js"
    "$pytrace" record -o "$work/recording" -- "$quickjs" "$work/long.js" \
        2> "$work/errors"
    same "a long name is cut" "1018" "$("$pytrace" print --marker \
        function__return "$work/recording" |
        sed -n 's/.* funcname="\(\(\\xc3\\xa9\)*\)".*/\1/p' | head -n 1 |
        awk '{ print length($0) / 4 }')"
fi
finish
