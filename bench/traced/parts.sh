# SPDX-License-Identifier: MIT
# parts.sh - what is measured: a function for each PART of traced.sh, which
# sources it.
#
# shellcheck shell=sh disable=SC2154 # (its variables are traced.sh's)

# So many events fit into the recorder's ring of 1 MiB, which is empty at first.
burst=40000

part_event() {
    hosts="$nops sdt"
    # shellcheck disable=SC2086
    find_sites $hosts
    # shellcheck disable=SC2086
    start_tracers $hosts
    techniques="$hosts recorder lttng hooks-C hooks-Lua"
    rounds=$(rounds_of 25 7)
    round=0
    while [ $round -lt "$rounds" ]; do
        # shellcheck disable=SC2046,SC2086
        for technique in $(rotated $round $techniques); do
            for event in counted strings; do
                fire "$technique" $event 1 "$burst" "event-$technique-$event"
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
    own="event-recorder-strings.processor"
    record recorder "an event with two strings" measured ns $own
    goal "an event with two strings" "less than 60"
    ratio 1 $own event-lttng-strings.processor to-lttng
    record recorder "the same, to LTTng-UST's" measured ratio to-lttng
    goal "the same, to LTTng-UST's" "0.35 at most"
    ratio 1 $own "event-$default_nop-counted.processor" to-bpftrace
    record recorder "the same, to one counted by bpftrace" measured ratio \
        to-bpftrace
    goal "the same, to one counted by bpftrace" "0.1 at most"
}

part_threads() {
    # shellcheck disable=SC2086
    find_sites $default_nop sdt
    start_tracers "$default_nop" sdt
    rounds=$(rounds_of 15 5)
    round=0
    while [ $round -lt "$rounds" ]; do
        for threads in $(rotated $round 1 2 4 8); do
            for technique in $(rotated $round "$default_nop" sdt recorder \
                lttng); do
                fire "$technique" counted "$threads" "$burst" \
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
        for technique in sdt recorder lttng; do
            record threads $threads "$(name_of $technique)" ns \
                "threads-$technique-$threads.elapsed"
        done
    done
    # (Other work takes time from one of them: so, processor time.)
    ratio 2 threads-recorder-1.processor threads-recorder-2.processor two
    record recorder "2 threads' events a second, to one's" measured ratio two
    goal "2 threads' events a second, to one's" "1.8 at least"
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
                "$build/pytrace" "$scratch/recording" "$bpftrace" -q \
                -e "$script" > "$scratch/attach" \
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
        record attach $processes "pytrace record, until attached" ms \
            "attach-recorder-$processes"
        record attach $processes "pytrace record, until gone" ms \
            "detach-recorder-$processes"
    done
    for processes in 1 100; do
        for what in attach detach; do
            row="$what, processes: $processes"
            record recorder "$row" measured ms "$what-recorder-$processes"
            goal "$row" "$([ $processes = 1 ] && echo 5 || echo 50) at most"
        done
    done
}

markers="function__entry function__return line gc__start gc__done"
markers="$markers import__find__load__start import__find__load__done audit"

# record_markers NUMBER ROUNDS: record the Lua program's first markers. It waits
# where a ring is full, so that nothing is lost.
record_markers() {
    options=
    for marker in $(echo "$markers" | cut -d ' ' -f "1-$1"); do
        options="$options --marker $marker"
    done
    # shellcheck disable=SC2086
    record_once --full block $options -- "$scratch/lua-0" "$here/mixed.lua" \
        "$2" || fail "pytrace record lost events of Lua with --full block"
}

# The interpreter is copied for each number of markers, so that one bpftrace
# can count them all. Recorded, the program runs for longer: it is over so soon
# otherwise that the first use of the ring's memory counts.
part_slowdown() {
    rounds=$(rounds_of 11 3)
    size=60 longer=300
    expected=$("$build/hosts/lua/unpatched/lua" "$here/count.lua" \
        "$here/mixed.lua" $size | tail -n 1)
    hooked=$("$build/hosts/lua/unpatched/lua" "$here/count.lua" \
        "$here/mixed.lua" $longer | tail -n 1)
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
    record_markers 8 $size
    print_recording | sort | uniq -c |
        awk '{ print "@r_" $2 ": " $1 }' > "$scratch/recorded"
    round=0
    while [ $round -lt "$rounds" ]; do
        for number in $(rotated $round 0 1 2 3 4 5 6 7 8); do
            "$scratch/lua-$number" "$here/mixed.lua" $size \
                > "$scratch/time-$number" || fail "the Lua program failed"
        done
        for number in $(rotated $round 0 1 2 3 4 5 6 7 8); do
            if [ "$number" = 0 ]; then
                "$scratch/lua-0" "$here/mixed.lua" $longer \
                    > "$scratch/longer-0" || fail "the Lua program failed"
                continue
            fi
            record_markers "$number" $longer
            cp "$scratch/output" "$scratch/longer-$number"
            echo "$recorded" >> "$scratch/events-$number"
        done
        for number in 1 2 3 4 5 6 7 8; do
            paste "$scratch/time-$number" "$scratch/time-0" |
                awk '{ print $1 / $2 }' >> "$scratch/slowdown-$number"
            paste "$scratch/longer-$number" "$scratch/longer-0" |
                awk '{ print $1 / $2 }' >> "$scratch/slowdown-r$number"
        done
        round=$((round + 1))
        echo "slowdown: round $round of $rounds" >&2
    done
    end_bpftrace
    # Entries and returns are as often, and lines, as Lua's hooks say.
    echo "$hooked" | {
        read -r calls lines
        for number in 1:$calls 2:$((2 * calls)) 3:$((2 * calls + lines)); do
            got=$(sort -u "$scratch/events-${number%:*}")
            [ "$got" = "${number#*:}" ] ||
                fail "slowdown: with ${number%:*} markers" \
                    "${number#*:} events were to be recorded, and not $got"
        done
    }
    # Each number of markers has counted the same, and what Lua's hooks count,
    # and as many were recorded.
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
            for (m = 1; m <= n; m++) {
                each = counted["@n" n "_" marker[m] ":"] / rounds
                if (counted["@r_" marker[m] ":"] + 0 != each) {
                    print "traced.sh: slowdown: " marker[m] \
                        " was recorded " counted["@r_" marker[m] ":"] + 0 \
                        " times, counted " each
                    wrong = 1
                }
            }
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
        }' "$scratch/counted" "$scratch/recorded" >&2 || exit 1
    for number in 1 2 3 4 5 6 7 8; do
        record slowdown $number counted ratio "slowdown-$number"
        record slowdown $number recorded ratio "slowdown-r$number"
    done
    record recorder "Lua, entries and returns" measured ratio slowdown-r2
    goal "Lua, entries and returns" "1.7 at most"
    record recorder "Lua, with lines, too" measured ratio slowdown-r3
    goal "Lua, with lines, too" "5 at most"
}

# sustain RATE SECONDS: record so many events a second; false when some were
# lost. The reader goes before other work on the machine; the program does not.
# The results are in $rate (the true one), $reader (the part of a processor that
# the command took) and $shared (bytes).
sustain() {
    children_time
    before=$seconds rate=0 with_priority="chrt -f 1"
    ! record_once -- chrt -o 0 "$directory/host-recorder" paced "$1" "$2" ||
        rate=1
    with_priority=
    [ $rate = 1 ] || return 1
    children_time
    rm "$scratch/recording"
    read -r fired elapsed processor shared < "$scratch/output"
    [ "$fired" = "$recorded" ] ||
        fail "pytrace record: $fired events were fired, $recorded recorded"
    rate=$(awk "BEGIN { print $fired / $elapsed / 1e6 }")
    reader=$(awk "BEGIN { print ($seconds - $before - $processor) / $elapsed }")
}

# The processor time of this shell's children that have ended, in $seconds. (A
# shell that is started for it would have none.)
children_time() {
    times > "$scratch/times"
    seconds=$(awk 'NR == 2 {
        gsub(/[ms]/, " ")
        print $1 * 60 + $2 + $3 * 60 + $4
    }' "$scratch/times")
}

# The highest rate at which a short trial and then the whole time lose nothing;
# where the whole time does, half of it is the next.
part_recorder() {
    trial=$(rounds_of 3 1) whole=$(rounds_of 60 3)
    rate=0 reader=0 shared=0
    free=$(df -k -P "$scratch" | awk 'NR == 2 { print $4 }')
    limit=16
    for millions in 16 12 10 8 6 5 4 3 2 1 0.5; do
        awk "BEGIN { exit !($millions <= $limit) }" || continue
        # An event has 24 bytes.
        need=$(awk "BEGIN { print int($millions * 24 * 1000 * $whole) }")
        [ "$free" -gt "$need" ] || continue
        echo "recorder: $millions million events a second" >&2
        sustain "${millions}e6" "$trial" || continue
        ! sustain "${millions}e6" "$whole" || break
        limit=$(awk "BEGIN { print $millions / 2 }")
    done
    rm -f "$scratch/recording"
    [ "$rate" != 0 ] ||
        echo "recorder: events are lost at every rate" >&2
    echo "$rate" > "$scratch/rate"
    echo "$reader" > "$scratch/reader"
    awk "BEGIN { print ($reader > 0 ? $rate / $reader : 0) }" \
        > "$scratch/allowed"
    awk "BEGIN { print $shared / 1048576 }" > "$scratch/shared"
    row="million events a second, $whole s, nothing lost"
    record recorder "$row" measured number rate
    goal "$row" "5 at least"
    record recorder "the reader's part of a processor for them" measured \
        ratio reader
    record recorder "million events for a second of the reader's" measured \
        number allowed
    record recorder "memory shared with a thread" measured MiB shared
    goal "memory shared with a thread" "1, told"
    call_python
}

python_program='import time
def empty(): pass
def run(n):
    start = time.process_time()
    for i in range(n): empty()
    return (time.process_time() - start) / n * 1e9
run(1000)
print(run(100000))'

call_python() {
    python=$build/hosts/cpython/python
    if [ ! -x "$python" ]; then
        echo "recorder: there is no $python (./quickstart cpython): left out" >&2
        return
    fi
    library=$build/hosts/cpython/src/Lib
    rounds=$(rounds_of 15 5)
    round=0
    : > "$scratch/python-0"
    : > "$scratch/python-1"
    while [ $round -lt "$rounds" ]; do
        for how in $(rotated $round 0 1); do
            set -- env PYTHONPATH="$library" "$python" -S \
                -c "$python_program"
            if [ "$how" = 0 ]; then
                "$@" > "$scratch/output" || fail "CPython failed"
            else
                record_once --full block --marker function__entry \
                    --marker function__return -- "$@" ||
                    fail "pytrace record lost events of CPython"
                [ "$recorded" -gt 202000 ] ||
                    fail "of CPython $recorded events were recorded"
            fi
            cat "$scratch/output" >> "$scratch/python-$how"
        done
        round=$((round + 1))
    done
    paste "$scratch/python-1" "$scratch/python-0" |
        awk '{ print $1 - $2 }' > "$scratch/python"
    record recorder "CPython, a call of an empty function, more" measured ns \
        python
    goal "CPython, a call of an empty function, more" "200 at most"
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
