#!/bin/sh
# SPDX-License-Identifier: MIT
# run_cases.sh - run cases, one after the other; in a virtual machine or here.
#
#   run_cases.sh RESULTS CASE...
#
# A CASE is a directory with a file "command", a script for sh, and what that
# needs: the traced program, the tracing script. It runs in a copy of the case,
# RESULTS/NAME, and has in its environment
#   PYTRACE_CASES   the directory that has lua/, python/, scripts/,
#                   tools/semaphores.sh and, where it was built, cpython/
# It is stopped after 600 seconds, which none takes on its own. Leaves beside it
# RESULTS/NAME.output, .errors (standard error) and .status.

set -u
# shellcheck source=SCRIPTDIR/mounts.sh
. "$(dirname "$0")/mounts.sh"
results=$1
shift
mkdir -p "$results"
total=$#
number=0
for case; do
    name=$(basename "$case")
    number=$((number + 1))
    remove_tree "${results:?}/$name"
    cp -R "$case" "$results/$name"
    started=$(date +%s)
    (cd "$results/$name" &&
        exec timeout -k 5 600 sh -eu ./command) \
        < /dev/null > "$results/$name.output" 2> "$results/$name.errors"
    echo $? > "$results/$name.status"
    echo "case $number of $total, $name: exit status" \
        "$(cat "$results/$name.status"), $(($(date +%s) - started)) s"
done
