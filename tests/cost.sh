#!/bin/sh
# SPDX-License-Identifier: MIT
# What the markers cost while no tracer is attached is at most what
# tests/cost/most says: in Lua, the instructions of the programs of the
# benchmark, of which some call and others only loop, against Lua as released;
# and those of a guard. "make cost" prints the figures.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_lua "cost"
need "cost" valgrind objdump
most=$srcdir/tests/cost/most

# too_much MEASURED: what costs more than the file $most allows, or is in one of
# the two alone.
too_much() {
    awk '
        /^#/ || /^$/ { next }
        NR == FNR { most[$1] = $2; next }
        !($1 in most) { print $1 " is measured, and has no limit"; next }
        { seen[$1] = 1 }
        $2 + 0 > most[$1] + 0 { print $1 ": " $2 ", at most " most[$1] }
        END {
            for (name in most)
                if (!(name in seen)) print name " is not measured"
        }' "$most" "$1" | sort
}

# measured NAME [FLAG...]: to the file NAME; says why when it fails.
measured() {
    file=$work/$1
    shift
    sh "$srcdir/tests/cost/measure.sh" "$@" > "$file" 2> "$work/errors" ||
        fail "measuring" "$(tail -n 20 "$work/errors")"
    sed 's/^/# /' "$file"
}

measured all "$work/built"
same "nothing costs more than tests/cost/most allows" "" \
    "$(too_much "$work/all")"

# ---- that it can fail

# A guard that is called.
measured call --guards "$work/call-built" -DFORM_call -I"$srcdir/bench/guards"
case $(too_much "$work/call") in
*guard:*) pass "a guard that costs more is found out" ;;
*) fail "a guard that costs more is found out" "$(cat "$work/call")" ;;
esac
# And a program that costs more.
sed 's/^loops .*/loops +0.10/' "$work/all" > "$work/loop"
same "an instruction more in a round of the loop is found out" \
    "loops: +0.10, at most 0.05" "$(too_much "$work/loop")"
finish
