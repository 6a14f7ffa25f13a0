#!/bin/sh
# SPDX-License-Identifier: MIT
# run_case.sh - run one live case: the program, traced by bpftrace or recorded.
#
#   run_case.sh PROGRAM IMAGE DIRECTORY [PYTRACE]
#
# PROGRAM is the case's program, such as cases/names.lua or cases/names.py. Its
# first line may name the script ("-- Traced by lines.bt." or the same after "#"
# or "//"); otherwise it is names.bt, or calls.bt where there is none. IMAGE is
# the file that has the markers, the interpreter or the library beside it.
# With PYTRACE, the recorder's command, the program is recorded, and the script
# is then played over the recording.
# Leaves in DIRECTORY: traced, what the script printed; printed, what the
# program did, with its exit status; errors, what the tracer complained about.
# Exit status 0 when the case was run.

set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=SCRIPTDIR/wait.sh
. "$here/wait.sh"
program=$(basename "$1") image=$(realpath "$2")
rm -rf "$3"
mkdir -p "$3/bin"
output=$(cd "$3" && pwd)
pytrace=${4:-}
cd "$(dirname "$1")" || exit 1

# A copy of its own: a tracer sees every process that runs the same file.
case $program in
*.lua) interpreter=lua ;;
*.js) interpreter=qjs ;;
*.rb) interpreter=mruby ;;
*.py)
    interpreter=python
    # By these it finds its library.
    ln -s "$(dirname "$image")/../src" "$output/src"
    ln -s "$(dirname "$image")/build" "$output/bin/build"
    ;;
esac
for file in $interpreter liblua.so libpython3.13.so.1.0 pybuilddir.txt \
    _pytrace.abi3.so __init__.py __main__.py; do
    [ ! -f "$(dirname "$image")/$file" ] ||
        cp "$(dirname "$image")/$file" "$output/bin"
done

script=$(sed -n '1s/^[-#/]* Traced by \(.*\)\.$/\1/p' "$program")
[ -n "$script" ] || script=${program%.*}.bt
[ -f "$script" ] || script=calls.bt

if [ -n "$pytrace" ]; then
    sh "$here/run_program.sh" "$output/bin/$interpreter" "$program" \
        "$pytrace" record --full block -o "$output/recording" -- \
        > "$output/said"
    # The command's own last word; another is not what is expected.
    summary='^pytrace: recorded .* 0 lost, into '
    grep -av -e "$summary" "$output/said" > "$output/printed"
    sh "$here/replay.sh" "$pytrace" "$script" "$output/recording" \
        2> "$output/errors" | grep -av '^$' > "$output/traced"
    exit 0
fi

{
    image=$output/bin/$(basename "$image")
    sh "$here/replace.sh" @LUA@ "$image" @PYTHON@ "$image" \
        @QJS@ "$image" @MRUBY@ "$image" < "$script"
    # Attached last; so everything is attached when it speaks.
    printf '%s\n' 'interval:ms:20 { printf("ready\n"); }'
} > "$output/script.bt"

# All on one processor, as bpftrace reads the processors' buffers one after
# the other and would mix up the order.
: > "$output/unfiltered"
processor=$(first_processor)
BPFTRACE_PERF_RB_PAGES=1024 taskset -c "$processor" \
    bpftrace -q "$output/script.bt" \
    > "$output/unfiltered" 2> "$output/complaints" &
tracer=$!

# ready_times N: the tracer has said "ready" N times.
ready_times() {
    [ "$(grep -acs '^ready$' "$output/unfiltered")" -ge "$1" ]
}
ready_or_ended() {
    ready_times "$1" || has_ended "$tracer"
}
# wait_ready N: until the tracer has said "ready" N times.
wait_ready() {
    if ! wait_until $patience ready_or_ended "$1" || ! ready_times "$1"; then
        cat "$output/complaints" >&2
        echo "run_case.sh: bpftrace does not trace $program" >&2
        kill $tracer 2> /dev/null
        exit 1
    fi
}

wait_ready 1
taskset -c "$processor" \
    sh "$here/run_program.sh" "$output/bin/$interpreter" "$program" \
    > "$output/printed"

# What it says after the program's end, it says after the program's events.
wait_ready $(($(grep -ac '^ready$' "$output/unfiltered") + 3))
sh "$here/interrupt.sh" $tracer
wait $tracer
grep -av -e '^$' -e '^ready$' "$output/unfiltered" > "$output/traced"
# Where tracefs is not mounted it complains about detaching, which the end of
# its process does all the same.
grep -av -e '^$' -e RLIMIT_MEMLOCK -e 'tracing/uprobe_events' \
    -e 'failed to detach probe' "$output/complaints" > "$output/errors"
exit 0
