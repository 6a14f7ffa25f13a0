# SPDX-License-Identifier: MIT
# inside.sh - what tests/export_failures.sh runs where there are no processes
# and no network but its own. Prints a line for each thing that it sees.
#
#   inside.sh PYTRACE LUA
#
# shellcheck shell=sh

set -u
pytrace=$1 lua=$2
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=SCRIPTDIR/../tools/wait.sh
. "$here/../tools/wait.sh"
many=100
ip link set lo up

cat > program.lua <<'END'
local function work(n)
    return n < 2 and n or work(n - 1) + work(n - 2)
end
while not io.open("enough") do
    work(8)
    os.execute("exec sleep 0.5")
end
END

# measure NAME: its value now; nothing where it is not served.
measure() {
    curl -s -m 20 http://127.0.0.1:9929/metrics > page &&
        awk -v name="$1" '$1 == name { print $2 }' page
}
# reaches NAME AT-LEAST, falls NAME TO.
reaches() {
    [ "$(measure "$1")" -ge "$2" ] 2> /dev/null
}
falls() {
    [ "$(measure "$1")" -le "$2" ] 2> /dev/null
}
recorded='pytrace_processes{state="recorded"}'
begin() {
    "$pytrace" export 2> export.log &
    exporter=$!
    wait_said export.log $exporter 'pytrace export: http://'
}

# ---- many processes start at once

begin || exit 1
files=$(measure process_open_fds)
programs=
number=0
while [ $number -lt $many ]; do
    "$lua" program.lua > program.log 2>&1 &
    programs="$programs $!"
    number=$((number + 1))
done
wait_until "$patience" reaches "$recorded" $many &&
    echo "many at once: all are recorded"

# ---- slow clients, and others beside them

python3 "$here/slow.py" 5 > slow.log 2>&1 &
slow=$!
wait_said slow.log $slow reading || cat slow.log
before=$(measure pytrace_scrapes_total)
number=0
while [ $number -lt 10 ]; do
    measure "$recorded" > got
    number=$((number + 1))
done
if [ "$(cat got)" -ge $many ] && reaches pytrace_scrapes_total $((before + 10))
then
    echo "slow clients: others are served"
fi
kill $slow 2> /dev/null
wait $slow 2> /dev/null

# ---- the exporter is killed while it records, and begins again

kill -9 $exporter
wait $exporter 2> /dev/null
runs "${programs##* }" && echo "killed: the programs go on"
begin || exit 1
wait_until "$patience" reaches "$recorded" $many &&
    echo "killed: the next one takes all over"

# ---- half of the processes die while they are measured

ended=$(measure pytrace_processes_ended_total)
number=0
left=
for pid in $programs; do
    if [ $number -lt $((many / 2)) ]; then
        kill -9 "$pid"
    else
        left="$left $pid"
    fi
    number=$((number + 1))
done
wait_until "$patience" reaches pytrace_processes_ended_total \
    $((ended + many / 2)) && echo "dead: each is counted as ended"
wait_until "$patience" falls "$recorded" $((many / 2)) &&
    echo "dead: they are no longer recorded"

# ---- it ends: nothing is left raised; and nothing was kept open

kill $exporter
wait $exporter
echo "ended: exit status $?"
grep -v '^pytrace export: http://' export.log
for pid in $left; do
    "$pytrace" check -p "$pid" |
        awk '$1 == "ok" && $5 != 0 { print $2, $5 }'
done > raised
if [ ! -s raised ]; then
    echo "ended: no semaphore is raised"
else
    sort raised | uniq -c
fi
: > enough
begin || exit 1
# shellcheck disable=SC2086 # (a list)
wait $left 2> /dev/null
wait_until "$patience" falls process_open_fds $((files + 4)) &&
    echo "all gone: their files are closed"
kill $exporter
wait $exporter
