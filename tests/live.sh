#!/bin/sh
# The live cases: each program of tests/trace/cases, traced by bpftrace, prints
# what its .expected says, and behaves as under an unpatched Lua; with the
# markers in the executable and in a shared library.
#
# To add a case, add NAME.lua and NAME.expected there, and NAME.bt where the
# calls are not what it is about. To run some cases only:
#   make check TESTS=tests/live.sh CASES='NAME...'
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_lua "live cases"
need_tracing "live cases"
need "live cases" taskset

cases=$srcdir/tests/trace/cases
for program in "$cases"/*.lua; do
    case=$(basename "$program" .lua)
    case " ${CASES:-$case} " in
    *" $case "*) ;;
    *) continue ;;
    esac
    plain=$( (cd "$cases" && "$unpatched_lua" "$case.lua" 2>&1
        echo "exit status $?") | sed "s|$unpatched_lua|lua|g")
    for image in "$lua" "$liblua"; do
        name="$case, $(basename "$image")"
        if ! sh "$srcdir/tests/trace/run_case.sh" "$cases/$case" "$image" \
            "$work/$case" > "$work/log" 2>&1; then
            fail "$name" "$(cat "$work/log")"
            continue
        fi
        if [ -s "$work/$case/errors" ]; then
            fail "$name" "$(cat "$work/$case/errors")"
        elif [ "$(cat "$work/$case/printed")" != "$plain" ]; then
            same "$name: behaves as untraced" "$plain" \
                "$(cat "$work/$case/printed")"
        else
            same "$name" "$(cat "$cases/$case.expected")" \
                "$(cat "$work/$case/traced")"
        fi
    done
done
finish
