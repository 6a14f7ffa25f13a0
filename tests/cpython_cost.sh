#!/bin/sh
# SPDX-License-Identifier: MIT
# What the markers cost an untraced CPython, in instructions, against
# the same as released: tests/cpython/cost.sh, and what it may come to at most.
# "make cpython-cost" prints the table alone.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

alone
need_cpython "CPython's cost"
need "CPython's cost" valgrind

# table PATCHED [WORKLOAD...]
table() {
    patched=$1
    shift
    sh "$srcdir/tests/cpython/cost.sh" "$patched" "$unpatched_cpython" \
        "$cpython_host/src/Lib" "$@"
}

# too_much TABLE ROW MOST: what ROW has more, when it is above MOST (in %).
too_much() {
    awk -v row="$2" -v most="$3" '
        $1 == row {
            rows++
            for (i = 1; $i != "%"; i++) more = $i
            if (more + 0 > most) print more " %"
        }
        END { if (rows != 1) print rows + 0 " rows of that name" }' "$1"
}

PAIRS=1 table "$cpython" > "$work/table" 2> "$work/errors"
succeeded=$?
sed 's/^/# /' "$work/table" "$work/errors"
same "each workload is counted" 0 $succeeded
# (A loop's guard is part of the loop's own test; with some versions of gcc a
# round has an instruction more all the same, which is some 0.2 % of one.
# By clang 19 at -O2, fib has 4 % more with every form of the guard.)
limits="fib 1
while_loop 0.5
for_loop 0.5
mean 0.5"
case $("$CC" --version) in
*clang*) limits="fib 6
while_loop 6
for_loop 6
mean 4" ;;
esac
while read -r limit; do
    # shellcheck disable=SC2086 # (a row, and its limit)
    same "${limit% *}: at most ${limit#* } % more instructions" "" \
        "$(too_much "$work/table" $limit)"
done << END
$limits
END
workloads=$(sed '1,2d; /^mean/d' "$work/table" | wc -l)
if [ "$workloads" -ge 10 ]; then
    pass "the mean is of ten workloads or more"
else
    fail "the mean is of ten workloads or more" "came: $workloads"
fi

# ---- that it can fail

# An interpreter that does more: it checks each block of memory.
printf '#!/bin/sh\nexec "%s" -X dev "$@"\n' "$cpython" > "$work/slower"
printf '#!/bin/sh\necho Python 3.12.0\n' > "$work/other"
chmod +x "$work/slower" "$work/other"
PAIRS=1 table "$work/slower" for_loop > "$work/slower-table" 2>&1
for row in for_loop mean; do
    case $(too_much "$work/slower-table" $row 1) in
    *%) pass "an interpreter that does more is found out: $row" ;;
    *) fail "an interpreter that does more is found out: $row" \
        "$(cat "$work/slower-table")" ;;
    esac
done
refuses "an interpreter that is not there" \
    "^cost.sh: /nonexistent must be Python .*, and is nothing that runs" \
    table /nonexistent
refuses "another interpreter" \
    "^cost.sh: $work/other must be Python .*, and is Python 3.12.0" \
    table "$work/other"
finish
