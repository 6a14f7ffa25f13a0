#!/bin/sh
# SPDX-License-Identifier: MIT
# Debian's PCP beside pytrace: its agent openmetrics shows and records what
# pytrace export serves, its agent bpftrace what our script counts in the
# kernel. tests/pcp/inside.sh runs both; tests/tools/pcp.sh says where PCP comes
# from.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_lua "PCP"
need_recorder "PCP"
need_tracing "PCP"
need "PCP" bpftrace curl ip unshare dpkg

# The packages: outside of the network that the rest has for itself.
output=$(sh "$srcdir/tests/tools/pcp.sh" "$builddir/pcp" true 2>&1)
status=$?
[ $status != 77 ] || {
    skip "PCP" "$output"
    finish
}
[ $status = 0 ] || {
    fail "PCP is laid over this machine's root" "$output"
    finish
}
results=$work/results
mkdir "$results"
# A copy of its own: the kernel's tracers see every process of a file.
cp "$builddir/hosts/python/python" "$results/python"
timeout 300 sh "$srcdir/tests/tools/pcp.sh" "$builddir/pcp" unshare -n sh \
    "$srcdir/tests/pcp/inside.sh" "$pytrace" "$results/python" "$results" \
    > "$work/log" 2>&1
cd "$results" || exit 1

# instances FILE METRIC: marker and value of each instance that PCP shows.
instances() {
    awk -v metric="openmetrics.pytrace.$2" '
        $1 ~ /^openmetrics/ { found = $1 == metric }
        found && / inst / {
            marker = $0
            sub(/.* marker:/, "", marker)
            sub(/[ "].*/, "", marker)
            print marker, $NF
        }' "$1" | sort
}
expected=$(sed -n \
    's/^pytrace_events_total{.*marker="\([^"]*\)".* \([0-9]*\)$/\1 \2/p' \
    exported | sort)
imports=$(printf '%s\n' "$expected" |
    grep -c -x -e "import__.* $(sed -n 's/^done //p' said)")
if [ "$imports" != 2 ]; then
    fail "pytrace export serves what the program did" \
        "expected events of all imports: $(cat said); came:" "$expected" "
$(cat "$work/log" export.log)"
    finish
fi
pass "pytrace export serves what the program did"
same "pminfo -f shows the same values" "$expected" \
    "$(instances pminfo pytrace_events_total)"
same "pmval shows them" "$(printf '%s\n' "$expected" | sed 's/.* //' | sort)" \
    "$(tail -n 1 pmval.out | tr -s ' ' '\n' | sed '/^$/d; s/\.00$//' | sort)"
same "pmlogger records them in an archive, pminfo -a reads them" "$expected" \
    "$(instances archived pytrace_events_total)"
labels=$(sed -n 's/.*inst.*provider:\([a-z]*\).*/\1/p' pminfo.info)
same "PCP's instances have the labels" python "$labels"
same "the bpftrace agent counts the same imports" \
    "$(i=1; while [ $i -le 30 ]; do
        echo "absent$i 1"
        i=$((i + 1))
    done | sort)" \
    "$(sed -n 's/.*or "\(absent.*\)"\] value \(.*\)/\1 \2/p' \
        bpftrace.imports | sort)"
collections=$(printf '%s\n' "$expected" | sed -n 's/^gc__done //p')
same "the bpftrace agent counts the same collections" "$collections" \
    "$(awk '/ inst / { sum += $NF } END { print sum + 0 }' \
        bpftrace.collections)"
finish
