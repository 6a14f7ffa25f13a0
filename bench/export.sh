#!/bin/sh
# SPDX-License-Identifier: MIT
# export.sh - what pytrace export takes, and what it takes of the processes that
# it records: a table with a row for each count of processes.
#
#   export.sh [SECONDS [COUNT...]]
#
# The processes are services (bench/export.lua) in the Lua of the build
# directory $builddir, build/ unless given; they share a pipe of requests, so
# that each request goes to one that waits. They serve for SECONDS (20) alone,
# as long, or several times, while the exporter begins, until each had a request,
# and as long with it, the same requests; what counts is their processor time.
# 1, 100 and 500 are the COUNTs, unless given. Exit status 1 when something could
# not be measured, 2 when the command line is wrong.

set -eu
LC_ALL=C
export LC_ALL
source=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=SCRIPTDIR/../tests/tools/wait.sh
. "$source/tests/tools/wait.sh"
build=${builddir:-$source/build}
seconds=${1:-20}
[ $# = 0 ] || shift
[ $# != 0 ] || set -- 1 100 500
case $seconds$(printf %s "$@") in
*[!0-9]*)
    echo "usage: export.sh [SECONDS [COUNT...]]" >&2
    exit 2 ;;
esac
lua=${LUA:-$build/hosts/lua/lua}
for program in "$build/pytrace" "$lua" "$(command -v curl)"; do
    [ -x "$program" ] || {
        echo "export.sh: there is no $program; run ./quickstart demo first" >&2
        exit 1
    }
done

directory=$(mktemp -d)
services=
exporter=
# shellcheck disable=SC2086
trap 'kill $services $exporter 2> /dev/null || :; rm -rf "$directory"' EXIT
cd "$directory"
mkfifo requests

# used PID...: their processor time, in ns.
used() {
    for process; do
        cat "/proc/$process/schedstat"
    done | awk '{ sum += $1 } END { printf "%.0f\n", sum }'
}

# serve COUNT: requests for so many seconds, 20 a second for each service, 2,000
# for all at most. Each service wakes up by itself: they come in ten parts.
serve() {
    rate=$(($1 * 20))
    [ $rate -le 2000 ] || rate=2000
    second=0
    while [ $second -lt $((seconds * 10)) ]; do
        dd if=/dev/zero bs=$((rate / 10)) count=1 2> /dev/null >&9 && sleep 0.1
        second=$((second + 1))
    done
}

is_found() {
    [ "$(curl -s "$url" | sed -n 's/^pytrace_processes_recorded_total //p')" = \
        "$1" ]
}

# Whether a service has not had its first request yet.
is_waiting() {
    ! curl -s "$url" | grep -q '^pytrace_processes{state="waiting"} 0$'
}

# begin_export COUNT
begin_export() {
    rm -f err
    # shellcheck disable=SC2046
    "$build/pytrace" export --listen 0 \
        $(for process in $services; do echo "-p $process"; done) 2> err &
    exporter=$!
    wait_said err $exporter "http"
    url=$(sed -n 's/.*\(http.*\)/\1/p' err)
    wait_until 60 is_found "$1"
}

# of METRIC FILE: the sum of its series.
of() {
    awk -v name="$1" '{ this = $1; sub(/[{].*/, "", this) }
        this == name { sum += $NF }
        END { printf "%.6f\n", sum }' "$2"
}

# cost_of COUNT: what serving costs, in ns.
cost_of() {
    # shellcheck disable=SC2086
    before=$(used $services)
    serve "$1"
    # shellcheck disable=SC2086
    echo $(($(used $services) - before))
}

measure() {
    services=
    exec 8<> requests
    count=0
    while [ $count -lt "$1" ]; do
        "$lua" "$source/bench/export.lua" < requests 8<&- 9>&- &
        services="$services $!"
        count=$((count + 1))
    done
    exec 9> requests 8<&-
    alone=$(cost_of "$1")
    begin_export "$1"
    start=0 times=0
    while [ $times = 0 ] || { is_waiting && [ $times -lt 10 ]; }; do
        start=$((start + $(cost_of "$1") - alone))
        times=$((times + 1))
    done
    curl -s "$url" > first
    with=$(cost_of "$1")
    scrape=$(curl -s -o last -w '%{time_total} %{size_download}' "$url")
    shared=$(sed -n 's/^RssShmem:[^0-9]*\([0-9]*\) .*/\1/p' \
        "/proc/$exporter/status")
    kill $exporter
    wait $exporter || :
    exporter=
    exec 9>&-
    wait
    services=
    {
        echo "$1 $seconds $alone $with $shared $scrape $start"
        for name in process_cpu_seconds_total process_resident_memory_bytes \
            pytrace_process_observed_seconds_total \
            pytrace_process_followed_seconds_total pytrace_events_total \
            pytrace_events_lost_total \
            pytrace_process_overhead_seconds_total; do
            echo "$(of $name first) $(of $name last)"
        done
    } | awk '
        NR == 1 {
            count = $1; seconds = $2; alone = $3 / 1e9; with = $4 / 1e9
            shared = $5 / 1024; scrape = $6; bytes = $7; start = $8 / 1e9
            next
        }
        { change[NR] = $2 - $1; last[NR] = $2 }
        END {
            printf "%9d %6.2f %6.2f %6.3f %5.1f %6.2f ", count,
                100 * alone / seconds, 100 * with / seconds,
                100 * (with - alone) / seconds / count,
                1000 * start / count, 100 * change[2] / seconds
            printf "%6.1f %6.1f %5.0f %5.1f %5.1f %5.0f %6.0f\n",
                last[3] / 1048576, shared,
                (last[3] / 1048576 - shared) * 1024 / count,
                100 * change[4] / change[5],
                100 * change[7] / (change[6] + change[7] + 0.001),
                scrape * 1000, bytes / 1024
        }'
}

echo "load: $(cut -d ' ' -f 1-3 /proc/loadavg)"
cat << 'EOF'
             services: %        ms exporter: memory, MB  KiB     %     % scrape
processes  alone   with   each start     %  whole shared each  seen  lost  ms KiB
EOF
for count; do
    measure "$count"
done
echo "load: $(cut -d ' ' -f 1-3 /proc/loadavg)"
