#!/bin/sh
# What the markers cost while nobody traces is what tests/cost/expected says:
# in Lua, the instructions of the programs of the benchmark, of which some call
# and others only loop; and what a guard executes, instruction by instruction.
# "make cost" prints the figures.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_lua "cost"
need "cost" valgrind objdump
expected=$srcdir/tests/cost/expected
sh "$srcdir/tests/cost/measure.sh" "$work/built" > "$work/measured" \
    2> "$work/errors" || fail "measuring" "$(tail -n 20 "$work/errors")"

# compare EXPECTED MEASURED: what differs; of figures, by more than 0.05 %, as
# the C library's part in them is not everywhere the same.
compare() {
    awk '
        /^#/ || /^$/ { next }
        NR == FNR { lines[++n] = $0; next }
        { got[++m] = $0 }
        END {
            for (i = 1; i <= n || i <= m; i++) {
                split(lines[i], want, " ")
                split(got[i], have, " ")
                difference = want[2] - have[2]
                if (lines[i] == got[i] || (want[1] == have[1] &&
                    want[2] ~ /^[-+][0-9.]+$/ && have[2] ~ /^[-+][0-9.]+$/ &&
                    difference < 0.055 && difference > -0.055))
                    continue
                print "expected: " lines[i]
                print "came:     " got[i]
            }
        }' "$1" "$2"
}

same "the figures are those of tests/cost/expected" "" \
    "$(compare "$expected" "$work/measured")"

# ---- that it can fail

# One instruction more in a round of the loop, and in a call.
sed -e 's/^loops .*/loops +0.10/' "$expected" > "$work/loop"
sed -e '/^one: jne/{
p
s/jne.*/nop/
}' "$expected" > "$work/guard"
for part in loop guard; do
    if [ -n "$(compare "$expected" "$work/$part")" ]; then
        pass "an instruction more is found out: $part"
    else
        fail "an instruction more is found out: $part"
    fi
done
finish
