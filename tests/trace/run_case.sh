#!/bin/sh
# run_case.sh - run one live case: the program, traced by bpftrace.
#
#   run_case.sh CASE IMAGE DIRECTORY
#
# CASE is the path of the case, such as cases/names; the program is CASE.lua.
# Its first line may name the script ("-- Traced by lines.bt."); otherwise it
# is CASE.bt, or calls.bt where there is none. IMAGE is the file that has the
# markers, the interpreter itself or the library beside it. Leaves in
# DIRECTORY: traced, what the script printed; printed, what the program did,
# with its exit status; errors, what the tracer complained about. Exit status
# 0 when the case was run.

set -u
directory=$(dirname "$1") case=$(basename "$1") image=$2 output=$3
rm -rf "$output"
mkdir -p "$output"
output=$(cd "$output" && pwd)

# A copy of its own: a tracer sees every process that runs the same file.
for file in lua liblua.so; do
    [ ! -f "$(dirname "$image")/$file" ] ||
        cp "$(dirname "$image")/$file" "$output"
done
image=$output/$(basename "$image")

cd "$directory" || exit 1
script=$(sed -n '1s/^-- Traced by \(.*\)\.$/\1/p' "$case.lua")
[ -n "$script" ] || script=$case.bt
[ -f "$script" ] || script=calls.bt
{
    sed "s|@LUA@|$image|g" "$script"
    # Attached last; so everything is attached when it speaks.
    printf '%s\n' 'interval:ms:20 { printf("ready\n"); }'
} > "$output/script.bt"

# All on one processor, as bpftrace reads the processors' buffers one after
# the other and would mix up the order.
BPFTRACE_PERF_RB_PAGES=1024 taskset -c 0 bpftrace -q "$output/script.bt" \
    > "$output/unfiltered" 2> "$output/complaints" &
tracer=$!
# wait_ready N: until the tracer has said "ready" N times.
wait_ready() {
    tries=0
    until [ "$(grep -cs '^ready$' "$output/unfiltered")" -ge "$1" ]; do
        tries=$((tries + 1))
        if [ $tries -gt 600 ] || ! kill -0 $tracer 2> /dev/null; then
            cat "$output/complaints" >&2
            echo "run_case.sh: bpftrace does not trace $case" >&2
            kill $tracer 2> /dev/null
            exit 1
        fi
        sleep 0.05
    done
}

wait_ready 1
taskset -c 0 "$output/lua" "$case.lua" > "$output/printed" 2>&1
echo "exit status $?" >> "$output/printed"
sed -i "s|$output/lua|lua|g" "$output/printed"

# What it says after the program's end, it says after the program's events.
wait_ready $(($(grep -c '^ready$' "$output/unfiltered") + 3))
kill -INT $tracer
wait $tracer
grep -v -e '^$' -e '^ready$' "$output/unfiltered" > "$output/traced"
# Where tracefs is not mounted it complains about detaching, which the end of
# its process does all the same.
grep -v -e '^$' -e RLIMIT_MEMLOCK -e 'tracing/uprobe_events' \
    -e 'failed to detach probe' "$output/complaints" > "$output/errors"
exit 0
