#!/bin/sh
# SPDX-License-Identifier: MIT
# The benchmark: its results as tables, as JSON and as a picture; and that its
# second half, traced.sh, still counts what it fires, by each technique.
# (tests/cost.sh runs the first half, untraced.sh.)
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

bench=$srcdir/bench
cd "$work" || exit 1

# ---- the same results in three forms

tr '|' '\t' > results << 'END'
machine|kernel|-|text|Linux "6.18"|||
instructions|calls|unpatched|instructions/call|78.125|||
instructions|calls|pytrace|%|1.6042|||
instructions|calls|hook|%|-0.25|||
instructions|loops|pytrace|%|-0.000|||
instructions|mean|pytrace|%|0.2|||
instructions|mean|hook|%|0.4|||
event|pytrace nop|counted|ns|512.3|450.24|640.9|7
event|LTTng-UST|counted|ns|99.04|95|110.5|7
event|LTTng-UST|strings|ns|150.06|149|160|7
odd|row|one|ns|3|||
odd|other|one|ms|4|||
END
cat > expected << 'END'

The machine

          -
  kernel  Linux "6.18"

Untraced: instructions, in % more than Lua as released

                 unpatched  pytrace    hook
         instructions/call        %       %
  calls               78.1   +1.604  -0.250
  loops                  -    0.000       -
  mean                   -   +0.200  +0.400

Traced: an event of one marker in one thread

                   counted      strings
                        ns           ns
  pytrace nop  512 450-641            -
  LTTng-UST    99.0 95-110  150 149-160

odd

          one
  row    3 ns
  other  4 ms
END
for awk in gawk mawk "busybox awk"; do
    have "${awk%% *}" || {
        skip "table under $awk" "there is no ${awk%% *}"
        continue
    }
    same "table under $awk" "$(cat expected)" \
        "$($awk -f "$bench/table.awk" "$bench/titles" results 2>&1)"
    same "JSON under $awk" "1.6042 -0.25 450.24 Linux \"6.18\" 2" \
        "$($awk -f "$bench/json.awk" results | python3 -I -c '
import json, sys
tables = json.load(sys.stdin)
rows = tables["instructions"]
print(rows[1]["value"], rows[2]["value"], tables["event"][0]["low"],
      tables["machine"][0]["value"], len(tables["odd"]))' 2>&1)"
done
echo "nonsense" > nonsense
# shellcheck disable=SC2086
refuses "table: what is no result is refused" \
    "nonsense:1: this is no result: nonsense" \
    $AWK -f "$bench/table.awk" "$bench/titles" nonsense
# shellcheck disable=SC2086
refuses "JSON: what is no result is refused" \
    "nonsense:1: this is no result: nonsense" \
    $AWK -f "$bench/json.awk" nonsense

# ---- the table of all ports, of stand-ins for what counts

mkdir -p all/hosts/cpython/unpatched all/tests/cpython all/bench pgo/patched \
    pgo/released
printf '#!/bin/sh\necho Python 3.13.5\n' > all/hosts/cpython/unpatched/python
chmod +x all/hosts/cpython/unpatched/python
cp all/hosts/cpython/unpatched/python pgo/released
echo "$PWD/all/hosts/cpython" > pgo/host
cat > all/tests/cpython/cost.sh << 'END'
echo "workload   unit       without with     more"
echo "fib        109 calls  100.0   101.25 +1.250 %  1.0 (0.9 to 1.1)"
echo "while_loop 100 rounds 100.0    99.50 -0.500 %  1.0 (0.9 to 1.1)"
echo "for_loop   100 rounds 100.0    99.75 -0.250 %  1.0 (0.9 to 1.1)"
echo "mean       (geometric)                +0.130 %  1.0"
END
cp "$bench/hosts.sh" all/bench
same "the cost of all ports, in a table" \
"more instructions, in %                fib   loops    mean
CPython 3.13.5, -O3                  +1.25   -0.25   +0.13
CPython 3.13.5, PGO and LTO          +1.25   -0.25   +0.13" \
    "$(sh all/bench/hosts.sh all pgo 2>&1)"
refuses "the cost of all ports wants a build directory" \
    "^usage: hosts.sh BUILD" sh "$bench/hosts.sh" pgo

if have gnuplot; then
    succeeds "a picture is drawn" sh "$bench/plot.sh" results plot.svg
    for text in pytrace hook "pytrace nop" LTTng-UST; do
        grep -q -F ">$text<" plot.svg && continue
        fail "the picture names $text"
    done
    refuses "without figures there is no picture" \
        "nothing to draw of \"untraced\"" \
        sh "$bench/plot.sh" nonsense none.svg
else
    skip "a picture is drawn" "there is no gnuplot"
fi
refuses "bench.sh: a wrong command line" "^usage: bench.sh" \
    sh "$bench/bench.sh" --fast "$builddir"

# ---- traced

need_lua "traced.sh"
need_tracing "traced.sh"
need "traced.sh" lttng lttng-sessiond babeltrace2
succeeds "each technique's events are all counted" env builddir="$builddir" \
    sh "$bench/traced.sh" --quick "$work/traced" "$work/measured" event
for technique in nop nop5 nop+nop5 nop+nop10; do
    echo "pytrace $technique"
done > techniques
printf '%s\n' "sys/sdt.h inline" "pytrace record" LTTng-UST "debug.sethook, C" \
    "debug.sethook, Lua" >> techniques
same "each technique is measured" "$(cat techniques)" \
    "$(awk -F '\t' '$1 == "event" && $3 == "counted" && $5 > 0 { print $2 }' \
        measured)"
finish
