# SPDX-License-Identifier: MIT
# nops.sh - to be sourced: each form of the probe's instruction, under a kernel
# and bpftrace. In nops/ are a host of each, host-FORM, and the address of its
# probe, site-FORM.
#
# shellcheck shell=sh
# shellcheck source=SCRIPTDIR/wait.sh
. "$PYTRACE_CASES/tools/wait.sh"
forms="nop nop5 nop+nop5 nop+nop10"

# at_site BYTES: what a tracer has put there.
at_site() {
    case $1 in
    cc*) echo "a trap" ;;
    e8* | 90e8* | 90488d642480e8*) echo "a call" ;;
    *) echo "$1" ;;
    esac
}

# trace_forms: each fires, and is counted as often as it fired. How long it took
# is for the console.
trace_forms() {
    hosts=$PYTRACE_CASES/nops
    for form in $forms; do
        echo "usdt:$hosts/host-$form:python:gc__done {
            @counted[\"$form\"] = count();
        }"
    done > script.bt
    printf '%s\n' 'BEGIN { printf("ready\n"); }' >> script.bt
    : > counted
    env --default-signal=INT bpftrace -q script.bt > counted 2> errors &
    tracer=$!
    wait_said counted $tracer
    for round in 1 2 3 4 5; do
        for form in $forms; do
            "$hosts/host-$form" counted 1 10000 "$(cat "$hosts/site-$form")" \
                > figures
            read -r elapsed _ fired bytes < figures
            echo "$form $fired" >> fired
            echo "case $(uname -r), $form: $elapsed ns an event," \
                "$(at_site "$bytes")" > /dev/console
            [ "$round" != 5 ] || echo "$form: $(at_site "$bytes")"
        done
    done
    sh "$PYTRACE_CASES/tools/interrupt.sh" $tracer
    wait $tracer || true
    for form in $forms; do
        awk -v form="$form" '
            $1 == form { fired += $2 }
            $1 == "@counted[" form "]:" { counted = $2 }
            END {
                if (fired && fired == counted) print form ": all counted"
                else print form ": " fired " fired, " counted " counted"
            }' fired counted
    done
}
