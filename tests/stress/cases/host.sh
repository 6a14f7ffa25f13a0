# SPDX-License-Identifier: MIT
# host.sh - stress cases of the threaded host (host.c); case.sh sources it.
#
# shellcheck shell=sh disable=SC2154 # (its variables are case.sh's)

start_host() {
    take host
    ./host board 8 &
    host=$!
    "$programs/control" board ready
}

# end_host: its results must be right, and nothing left of the tracers.
end_host() {
    no_semaphores host "$host"
    "$programs/control" board stop
    wait "$host" || wrong "the host's rounds had other results than untraced"
}

# AMOUNT is how often tracers come and go.
case_cycles() {
    start_host
    "$programs/attach" cycles board host.sites "$1" "$2"
    end_host
}

# AMOUNT is how many are killed; and a tenth as many bpftraces.
case_kills() {
    start_host
    "$programs/attach" kills board host.sites "$1" "$2"
    n=0
    while [ $n -lt $(($1 / 10)) ]; do
        n=$((n + 1))
        # shellcheck disable=SC2086
        start_tracer "killed.$n" "$(count_script host python $markers)"
        kill -KILL "$tracer"
        wait "$tracer" || :
        no_semaphores host "$host"
    done
    end_host
    echo "and $n bpftraces"
}

has_gone_on() {
    [ "$("$programs/control" board rounds)" -gt "$rounds" ]
}

# Three bpftraces and perf at once, one of them stopped for a while in which the
# host goes on, and one of them killed: each of the others counts everything.
# AMOUNT is the milliseconds until then.
case_tracers() {
    start_host
    "$programs/control" board hold
    before=$("$programs/control" board taken)
    # shellcheck disable=SC2086
    start_tracer first "$(count_script host python $markers)"
    first=$tracer
    start_tracer second "$(count_script host python audit gc__start line)"
    second=$tracer
    start_tracer third "$(count_script host python gc__start)"
    third=$tracer
    : > perf.out
    env --default-signal=INT setpriv --pdeathsig TERM \
        sh "$srcdir/tests/tools/perf.sh" host python audit perf.out \
        > perf.ready 2> perf.errors &
    perf=$!
    wait_said perf.ready $perf ||
        wrong "$(cat perf.errors)"
    "$programs/control" board go
    sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"
    kill -STOP "$first"
    kill -KILL "$third"
    wait "$third" || :
    rounds=$("$programs/control" board rounds)
    wait_until "$patience" has_gone_on ||
        wrong "the host stood while a tracer did"
    kill -CONT "$first"
    "$programs/control" board hold
    [ "$(echo "$before" | awk '{ n += $2 } END { print n }')" = 0 ] ||
        wrong "it was fired before it was traced"
    taken=$("$programs/control" board taken | sort)
    end_tracers "$first" "$second" "$perf"
    compare "the first tracer" "$taken" "$(counted first)"
    compare "the second tracer" "$(echo "$taken" |
        grep -e '^audit ' -e '^gc__start ' -e '^line ')" "$(counted second)"
    compare "perf" "$(echo "$taken" | grep '^audit ')" "audit $(cat perf.out)"
    end_host
    echo "$taken" | awk '{ n += $2 }
        END { print n " events, counted by two tracers or three" }'
}
