# SPDX-License-Identifier: MIT
# again.sh - what tests/exporter_processes.sh runs in a namespace of processes:
# one that pytrace export was given by number ends, and another one gets its
# number. Prints how many were recorded.
#
#   again.sh PYTRACE HOST
#
# shellcheck shell=sh

set -u
pytrace=$1 host=$2
# shellcheck source=SCRIPTDIR/../tools/wait.sh
. "$(dirname "$0")/../tools/wait.sh"

has() {
    grep -q -s -x "$1" again.prom
}
"$host" fire &
first=$!
"$pytrace" export --output again.prom -p $first &
exporter=$!
wait_until "$patience" has "pytrace_processes_recorded_total 1"
kill -9 $first
wait $first
wait_until "$patience" has "pytrace_processes_ended_total 1"

has_number() {
    echo $((first - 1)) > /proc/sys/kernel/ns_last_pid
    "$host" fire &
    second=$!
    [ $second = $first ] || { kill -9 $second && false; }
}
wait_until "$patience" has_number

# (It would be found within a second, and a file is for five of them.)
inode=0 files=0
has_files() {
    now=$(stat -c %i again.prom 2> /dev/null || echo $inode)
    [ "$now" = $inode ] || files=$((files + 1))
    inode=$now
    [ $files = 3 ]
}
wait_until "$patience" has_files
grep "^pytrace_processes_recorded_total" again.prom
kill $exporter
wait $exporter
