#!/bin/sh
# SPDX-License-Identifier: MIT
# What the markers cost an untraced QuickJS, in instructions, against the same
# as released: tests/quickjs/cost.sh, and what it may come to at most. "make
# quickjs-cost" prints the table alone.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_quickjs "QuickJS's cost"
need "QuickJS's cost" valgrind strip

table() {
    sh "$srcdir/tests/quickjs/cost.sh" "$@" 2> "$work/errors" ||
        fail "measuring" "$(cat "$work/errors")"
}

# too_much TABLE: the rows that have more than their limit allows, in %.
# (A call is some 450 instructions, of which two guards are 1 %; a round of the
# loops is 250 to 500, and has no guard. Of the mean, the last field but one is
# the only number.)
too_much() {
    awk 'BEGIN {
            most["fib"] = 2; most["yield"] = 2; most["methods"] = 2
            most["callbacks"] = 2; most["errors"] = 2
            most["loop"] = 0.1; most["while_loop"] = 0.1; most["mean"] = 1
            if (ENVIRON["CLANG"] != "")
                for (name in most) most[name] = 4
        }
        FNR > 1 && !($1 in most) { print $1 " has no limit" }
        FNR > 1 { rows[$1]++ }
        FNR > 1 && $(NF - 1) + 0 > most[$1] {
            print $1 " has " $(NF - 1) " % more"
        }
        END { for (name in most) if (!rows[name]) print name " is missing" }
    ' "$1"
}
CLANG=$("$CC" --version | grep clang)
export CLANG

table "$quickjs" "$unpatched_quickjs" > "$work/table"
sed 's/^/# /' "$work/table"
same "no workload costs more than it may" "" "$(too_much "$work/table")"

# ---- that it can fail

sed 's/^loop .*/loop 480 485 +1.04 %/' "$work/table" > "$work/worse"
[ -n "$CLANG" ] || same "a loop that costs more is found out" \
    "loop has +1.04 % more" "$(too_much "$work/worse")"
finish
