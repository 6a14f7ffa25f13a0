# SPDX-License-Identifier: MIT
# parts.sh - what is measured: a function for each PART of traced.sh, which
# sources it.
#
# shellcheck shell=sh disable=SC2154 # (its variables are traced.sh's)

part_event() {
    hosts="$nops sdt"
    # shellcheck disable=SC2086
    find_sites $hosts
    # shellcheck disable=SC2086
    start_tracers $hosts
    techniques="$hosts lttng hooks-C hooks-Lua"
    rounds=$(rounds_of 25 7)
    round=0
    while [ $round -lt "$rounds" ]; do
        # shellcheck disable=SC2046,SC2086
        for technique in $(rotated $round $techniques); do
            for event in counted strings; do
                fire "$technique" $event 1 100000 "event-$technique-$event"
            done
        done
        round=$((round + 1))
        echo "event: round $round of $rounds" >&2
    done
    end_tracers
    for event in counted strings; do
        for technique in $techniques; do
            record event "$(name_of "$technique")" $event ns \
                "event-$technique-$event.processor"
        done
    done
    for technique in $hosts; do
        text=$(sort -u "$scratch/text-$technique" | paste -s -d / -)
        printf 'site\t%s\tcounted\ttext\t%s\t%s\t%s\t%d\n' \
            "$(name_of "$technique")" "$text" "$text" "$text" \
            "$(wc -l < "$scratch/text-$technique")" >> "$scratch/records"
    done
}

part_threads() {
    # shellcheck disable=SC2086
    find_sites $default_nop sdt
    start_tracers "$default_nop" sdt
    rounds=$(rounds_of 15 5)
    round=0
    while [ $round -lt "$rounds" ]; do
        for threads in $(rotated $round 1 2 4 8); do
            for technique in $(rotated $round "$default_nop" sdt lttng); do
                fire "$technique" counted "$threads" 50000 \
                    "threads-$technique-$threads"
            done
        done
        round=$((round + 1))
        echo "threads: round $round of $rounds" >&2
    done
    end_tracers
    for threads in 1 2 4 8; do
        record threads $threads pytrace ns \
            "threads-$default_nop-$threads.elapsed"
        for technique in sdt lttng; do
            record threads $threads "$(name_of $technique)" ns \
                "threads-$technique-$threads.elapsed"
        done
    done
}

part_attach() {
    host=$directory/host-$default_nop
    addresses=$(place "$host" gc__done)
    offsets=$(place "$host" gc__done --offsets)
    site=$(printf %x "${offsets% *}")
    semaphore=$(printf %x "${offsets#* }"):${addresses#* }
    script="usdt:$host:python:gc__done { @ = count(); } $say_ready"
    rounds=$(rounds_of 5 2)
    round=0
    while [ $round -lt "$rounds" ]; do
        for processes in $(rotated $round 1 10 100 500); do
            "$directory/attach" "$host" "$site" "$semaphore" "$processes" 3 \
                "$bpftrace" -q -e "$script" > "$scratch/attach" \
                2> "$scratch/log" || {
                cat "$scratch/log" >&2
                fail "attaching with $processes processes failed"
            }
            while read -r who attached detached; do
                echo "$attached" >> "$scratch/attach-$who-$processes"
                echo "$detached" >> "$scratch/detach-$who-$processes"
            done < "$scratch/attach"
        done
        round=$((round + 1))
        echo "attach: round $round of $rounds" >&2
    done
    for processes in 1 10 100 500; do
        record attach $processes attach ms "attach-kernel-$processes"
        record attach $processes detach ms "detach-kernel-$processes"
        record attach $processes "bpftrace, until attached" ms \
            "attach-tracer-$processes"
        record attach $processes "bpftrace, until gone" ms \
            "detach-tracer-$processes"
    done
}

markers="function__entry function__return line gc__start gc__done"
markers="$markers import__find__load__start import__find__load__done audit"

# The interpreter is copied for each number of markers, so that one bpftrace
# can count them all.
part_slowdown() {
    rounds=$(rounds_of 11 3)
    size=60
    expected=$("$build/hosts/lua/unpatched/lua" "$here/count.lua" \
        "$here/mixed.lua" $size | tail -n 1)
    : > "$scratch/script.bt"
    cp "$build/hosts/lua/lua" "$scratch/lua-0"
    for number in 1 2 3 4 5 6 7 8; do
        cp "$build/hosts/lua/lua" "$scratch/lua-$number"
        for marker in $(echo "$markers" | cut -d ' ' -f "1-$number"); do
            echo "usdt:$scratch/lua-$number:lua:$marker {
                @n${number}_$marker = count(); }"
        done >> "$scratch/script.bt"
    done
    echo "attach: bpftrace" >&2
    start_bpftrace
    round=0
    while [ $round -lt "$rounds" ]; do
        for number in $(rotated $round 0 1 2 3 4 5 6 7 8); do
            "$scratch/lua-$number" "$here/mixed.lua" $size \
                > "$scratch/time-$number" || fail "the Lua program failed"
        done
        for number in 1 2 3 4 5 6 7 8; do
            paste "$scratch/time-$number" "$scratch/time-0" |
                awk '{ print $1 / $2 }' >> "$scratch/slowdown-$number"
        done
        round=$((round + 1))
        echo "slowdown: round $round of $rounds" >&2
    done
    end_bpftrace
    # Each number of markers has counted the same, and what Lua's hooks count.
    awk -v rounds="$rounds" -v expected="$expected" -v markers="$markers" '
        function same(number, marker, other, often,    got) {
            got = counted["@n" number "_" marker ":"] + 0
            if (got != often || got == 0) {
                print "traced.sh: slowdown: with " number " markers " \
                    marker " was counted " got " times, " other " " often
                wrong = 1
            }
        }
        /^@/ { counted[$1] = $2 }
        END {
            split(expected, hooked)
            n = split(markers, marker, " ")
            for (number = 1; number <= n; number++)
                for (m = 1; m <= number; m++)
                    if (m <= 2)
                        same(number, marker[m], "calls", hooked[1] * rounds)
                    else if (m == 3)
                        same(number, marker[m], "lines", hooked[2] * rounds)
                    else
                        same(number, marker[m], "with all",
                             counted["@n" n "_" marker[m] ":"])
            exit wrong
        }' "$scratch/counted" >&2 || exit 1
    for number in 1 2 3 4 5 6 7 8; do
        record slowdown $number Lua ratio "slowdown-$number"
    done
}

part_sharing() {
    rounds=$(rounds_of 45 15)
    round=0
    while [ $round -lt "$rounds" ]; do
        for where in $(rotated $round beside apart); do
            for threads in 1 2; do
                "$directory/sharing" "$where" $threads 5000000 \
                    >> "$scratch/sharing-$where-$threads" ||
                    fail "sharing a cache line could not be measured"
            done
        done
        round=$((round + 1))
    done
    for threads in 1 2; do
        record sharing "counter beside the semaphore" $threads ns \
            "sharing-beside-$threads"
        record sharing "semaphores in a line of their own" $threads ns \
            "sharing-apart-$threads"
    done
}
