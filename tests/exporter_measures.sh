#!/bin/sh
# SPDX-License-Identifier: MIT
# What pytrace export makes of a process' events: whatever the program calls its
# functions, however many come and go, each event counts in one series, no
# series goes down, and all series are given (tests/exporter/measures.c).
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

cd "$work" || exit 1
sources=$srcdir/src/pytrace
set --
for part in base clock exporter_measures exporter_text histogram out records \
    text ticks; do
    set -- "$@" "$sources/$part.c"
done
succeeds "the events are built" "${CC:-gcc}" -std=gnu11 -O1 -Wall -Wextra \
    -I"$sources" -I"$srcdir/src/runtime" -DPACKAGE_VERSION='"0"' -o measures \
    "$srcdir/tests/exporter/measures.c" "$@" -lm

while IFS='|' read -r case name expected; do
    same "$name" "$expected" "$(./measures "$case" 2>&1)"
done << 'END_OF_CASES'
names|names that are the rest's, empty, or the same: each event counts once|10 functions, calls: all; 10 modules, imports: all; events: all
change|functions that come and go: no series is lost, none goes down|5 series at least, 0 went down; with those that ended, calls: all, time: all
again|one called as the rest is takes no series away|5 series; then 5, 0 are missing
endless|a function that is never entered again gets a series, too|5 series, 5 of loops
crowd|where there are more functions than are kept, the most expensive has one|it has a series
wrong|wrong times of collections do not make a sum go down|the sum went down 0 times
END_OF_CASES

./measures names page > served
series() {
    grep -v '^#' served | sed -n "s/^pytrace_$1_total{pid=\"1\",program=\"host\",//p"
}
same "no two series have the same labels" "" \
    "$(sed -n 's/^\(pytrace.*\) [^ ]*$/\1/p' served | sort | uniq -d)"
same "a function that is called as the rest is can be told from it" \
    "function=\"'other'\",file=\"\"} 40
function=\"'other'\",file=\"host.x\"} 20
function=\"other\",file=\"\"} 15" \
    "$(series function_calls | grep other | sort)"
same "so can a module" "module=\"'other'\"} 20
module=\"other\"} 12" "$(series module_imports | grep other | sort)"
same "and a marker" "marker=\"'other'\"} 1
marker=\"other\"} 15" "$(series events | grep other | sort)"
same "a function without a name has a series" 'function="",file=""} 20' \
    "$(series function_calls | grep '="",file')"
if have promtool; then
    same "promtool has nothing to say on it" "" \
        "$(grep -v ' functions, ' served | promtool check metrics 2>&1)"
else
    skip "promtool check metrics" "there is no promtool (prometheus)"
fi
finish
