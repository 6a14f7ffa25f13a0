#!/bin/sh
# SPDX-License-Identifier: MIT
# A tracer that comes to a running QuickJS sees it from then on, also in a loop
# that calls nothing; when it goes, the bytecode is what it was; and it can come
# again.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_quickjs "attaching to QuickJS"
need_recorder "attaching to QuickJS"

# record N: the running program, until there are events of it.
record() {
    "$pytrace" record -p $pid -o "$work/recording$1" 2> "$work/errors" &
    recorder=$!
    wait_until "$patience" has_events "$1" || cat "$work/errors"
    sh "$srcdir/tests/tools/interrupt.sh" $recorder
    wait $recorder
}

has_events() {
    has_ended "$recorder" ||
        [ -n "$(find "$work/recording$1" -size +100k 2> /dev/null)" ]
}

lines_seen() {
    "$pytrace" print --marker line "$work/recording$1" |
        sed -n 's/.* lineno=\([0-9]*\)$/\1/p' | sort -nu | tr '\n' ' '
}

# watch NAME LINES PROGRAM: it runs until there is a file "stop", and says then
# whether its sum is right.
watch() {
    name=$1 lines=$2
    printf '%s\n' "$3" > "$work/program.js"
    rm -f "$work/stop" "$work"/recording*
    (cd "$work" && exec "$quickjs" --std program.js) > "$work/printed" &
    pid=$!
    wait_until "$patience" has_said "$work/printed" '^running$'
    for time in first second; do
        record $time
        same "$name: its lines are seen, the $time time" "$lines" \
            "$(lines_seen $time)"
    done
    : > "$work/stop"
    wait $pid
    same "$name: it was not disturbed" "running
right" "$(cat "$work/printed")"
}

watch "a loop that calls no function" "4 5 6 " 'let i = 0, s = 0;
std.out.puts("running\n");
std.out.flush();
while (i % 100000 || !os.stat("stop")[0]) {
    s += i & 1;
    i++;
}
print(s == Math.floor(i / 2) ? "right" : "wrong");'

# (os.stat() gives [null, error] until the file is there.)
watch "a function deep in calls" "6 7 8 " 'let rounds = 0;
function deep(n) {
    if (n > 0)
        return deep(n - 1) + 1;
    do {
        for (let i = 0; i < 1000; i++)
            rounds++;
    } while (!os.stat("stop")[0]);
    return 0;
}
std.out.puts("running\n");
std.out.flush();
print(deep(50) == 50 && rounds % 1000 == 0 ? "right" : "wrong");'

watch "a generator that was there before" "4 8 9 " 'function* numbers() {
    let n = 0;
    while (true)
        yield n++;
}
let s = 0, i = 0;
const g = numbers(); std.out.puts("running\n"); std.out.flush();
while (i % 1000 || !os.stat("stop")[0]) {
    s += g.next().value - i++;
}
print(s == 0 ? "right" : "wrong");'
finish
