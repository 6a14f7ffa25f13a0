#!/bin/sh
# SPDX-License-Identifier: MIT
# A tracer that comes to a running program sees it from then on, and leaves
# nothing behind when it goes.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_lua "attaching"
need_tracing "attaching"

semaphores() {
    sh "$srcdir/tests/tools/semaphores.sh" "$lua" "$1"
}

all_seen() {
    for marker in $markers; do
        has_said "$work/seen" "^seen $marker\$" || return 1
    done
}

# watch NAME PROGRAM MARKER...: start PROGRAM, attach to its markers, and see
# that each of them fires; detach, and see that nothing is left.
watch() {
    name=$1
    printf '%s\n' "$2" > "$work/program.lua"
    shift 2
    "$lua" "$work/program.lua" > "$work/count" &
    pid=$!
    wait_until "$patience" has_mapped $pid "$lua"
    same "$name: semaphores are 0 before" "0" "$(semaphores $pid)"
    markers=$*
    for marker; do
        printf '%s\n' "usdt:$lua:lua:$marker {
            @[\"$marker\"] = count();
            if (!@said[\"$marker\"]) {
                @said[\"$marker\"] = 1;
                printf(\"seen $marker\\n\");
            }
        }"
    done > "$work/script.bt"
    : > "$work/seen"
    env --default-signal=INT bpftrace -q "$work/script.bt" -p $pid \
        > "$work/seen" 2> "$work/errors" &
    tracer=$!
    wait_until "$patience" all_seen
    same "$name: semaphores while attached" "$#" "$(semaphores $pid)"
    sh "$srcdir/tests/tools/interrupt.sh" $tracer
    wait $tracer
    for marker; do
        count=$(sed -n "s/^@\[$marker\]: //p" "$work/seen")
        if [ "${count:-0}" -gt 0 ]; then
            pass "$name: $marker fires"
        else
            fail "$name: $marker does not fire" "$(cat "$work/errors")"
        fi
    done
    same "$name: semaphores are 0 after" "0" "$(semaphores $pid)"
    if [ "$name" != "hooks of the program" ]; then
        sh "$srcdir/tests/tools/replace.sh" @LUA@ "$lua" << 'EOF' \
            > "$work/after.bt"
uprobe:@LUA@:luaG_traceexec { @stops++; }
interval:ms:200 { exit(); }
EOF
        same "$name: the loop does not stop at instructions after" "" \
            "$(bpftrace -q "$work/after.bt" -p $pid 2> "$work/errors" |
                grep stops)"
    fi
    if kill -0 $pid 2> /dev/null; then
        pass "$name: the program still runs"
    else
        fail "$name: the program has ended"
    fi
    kill $pid
    wait $pid 2> /dev/null
}

watch "calls" 'local function f(x) return x end
while true do
    local y = f(1)
end' function__entry function__return line

watch "returns only" 'local function f(x) return x end
while true do f(1) end' function__return

watch "lines of a function deep in calls" 'local function deep(n)
    if n > 0 then deep(n - 1) return end
    local function f() end
    while true do
        f()
    end
end
deep(50)' line

watch "a loop that calls nothing but makes garbage" 'while true do
    local t = {}
end' line

watch "a loop that only calls C functions" 'local s = 0
while true do
    s = s + #string.rep("x", 100)
end' line

watch "coroutines that were there before" 'local co = coroutine.wrap(function()
    while true do
        coroutine.yield()
    end
end)
while true do
    co()
end' function__entry function__return line

watch "hooks of the program" 'debug.sethook(function() end, "l")
while true do
    local x = 1
end' function__entry line
finish
