#!/bin/sh
# SPDX-License-Identifier: MIT
# inside.sh - what tests/pcp.sh runs where PCP is: the exporter and a bpftrace
# script, PCP's two agents for them, and what its tools show.
#
#   inside.sh PYTRACE INTERPRETER RESULTS
#
# INTERPRETER has the markers as provider "python". Leaves in RESULTS a file for
# each thing that was shown, and the logs.

set -u
pytrace=$1 interpreter=$2 results=$3
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=SCRIPTDIR/../tools/wait.sh
. "$here/../tools/wait.sh"
agents=$here/../../scripts/agents/pcp
cd "$results" || exit 1
pids=
# shellcheck disable=SC2086,SC2317,SC2329 # (called by trap)
end_all() {
    kill $pids 2> /dev/null
    wait 2> /dev/null
}
trap end_all EXIT

ip link set lo up
mkdir -p /run/pcp /var/log/pcp/pmcd /var/lib/pcp/config/pmda

# ---- what is measured: a program that imports when it is asked, and waits

mkfifo hold
"$interpreter" "$here/program.lua" < hold > said 2> program.log &
program=$!
pids="$pids $program"
exec 3> hold
"$pytrace" export --budget 100 -p $program 2> export.log &
exporter=$!
pids="$pids $exporter"
wait_said export.log $exporter 'pytrace export: http://' || exit 1
followed() {
    curl -s -S http://127.0.0.1:9929/metrics |
        grep '^pytrace_processes{state="waiting"} 1' > /dev/null
}
wait_until 60 followed
: > followed

# ---- PCP's daemon, with the two agents as their Install scripts configure them

rm -f /var/lib/pcp/pmdas/openmetrics/config.d/*
cp "$agents/pytrace.url" /var/lib/pcp/pmdas/openmetrics/config.d
sed "s|/usr/bin/python3|$interpreter|" "$agents/pytrace.bt" \
    > /etc/pcp/bpftrace/autostart/pytrace.bt
cat > names <<'END'
root {
    openmetrics 144:*:*
    bpftrace 151:*:*
}
END
# agent NAME DOMAIN HOW: its line of pmcd.conf.
agent() {
    echo "$1 $2 pipe $3 /usr/bin/python3" \
        "/var/lib/pcp/pmdas/$1/pmda$1.python"
}
{
    agent openmetrics 144 'binary notready'
    agent bpftrace 151 binary
} > pmcd.conf
/usr/lib/pcp/bin/pmcd -f -A -U root -i 127.0.0.1 -s "$PWD/pmcd.socket" \
    -c pmcd.conf -n names -l pmcd.log > pmcd.out 2>&1 &
pids="$pids $!"

# shown METRIC: its values, an instance a line.
shown() {
    pminfo -h 127.0.0.1 -f "$1" 2>&1
}
shows() {
    shown "$1" | grep -e "$2" > /dev/null
}

# The program imports "warm" until bpftrace has seen it, its last marker.
wait_until 60 shows bpftrace.scripts.pytrace.data.imports warm
: > asked
wait_said said $program 'done' || exit 1
imports=$(sed -n 's/^done //p' said)

all_exported() {
    curl -s -S http://127.0.0.1:9929/metrics |
        grep "^pytrace_events_total{.*import__find__load__done.* $imports$" \
            > /dev/null
}
wait_until 60 all_exported
curl -s -S http://127.0.0.1:9929/metrics > exported
# (The agent learns a new name when it next fetches a value.)
fetched() {
    shown openmetrics.pytrace.pytrace_process_info > pminfo.info
    shows openmetrics.pytrace.pytrace_events_total value
}
wait_until 60 fetched
shown openmetrics.pytrace.pytrace_events_total > pminfo
pmval -h 127.0.0.1 -r -s 1 openmetrics.pytrace.pytrace_events_total \
    > pmval.out 2>&1

echo 'log mandatory on 1 second { openmetrics.pytrace }' > pmlogger.conf
/usr/lib/pcp/bin/pmlogger -h 127.0.0.1 -U root -c pmlogger.conf -T 3seconds \
    -l pmlogger.log archive || echo "pmlogger: $?" >> pmlogger.log
pmdumplog -l archive > archive.label 2>&1
pminfo -a archive -f openmetrics.pytrace.pytrace_events_total \
    > archived 2>&1

# ---- the same by the kernel's way

wait_until 60 shows bpftrace.scripts.pytrace.data.imports absent30
shown bpftrace.scripts.pytrace.data.imports > bpftrace.imports
shown bpftrace.scripts.pytrace.data.collections > bpftrace.collections
shown bpftrace.scripts.pytrace > bpftrace.all
