# SPDX-License-Identifier: MIT
# recorder.sh - stress cases of the recorder, pytrace record; case.sh sources
# it.
#
# shellcheck shell=sh disable=SC2154 # (its variables are case.sh's)

pytrace=$builddir/pytrace

# AMOUNT is how often a recorder comes and goes; a tenth of it while the threads
# fire as fast as they can, and all rings are full.
case_record_cycles() {
    start_host
    "$programs/recorders" cycles "$pytrace" board host.sites $(($1 / 10)) "$2"
    "$programs/control" board rest 50
    "$programs/recorders" cycles "$pytrace" board host.sites \
        $(($1 - $1 / 10)) "$2"
    end_host
}

# AMOUNT pairs of recorders of one process.
case_record_rivals() {
    start_host
    "$programs/recorders" rivals "$pytrace" board host.sites "$1" "$2"
    end_host
}

# AMOUNT recorders are killed while they record, and as many while they attach.
case_record_kills() {
    take host
    "$programs/recorders" kills "$pytrace" ./host host.sites "$1" "$2"
}

# AMOUNT programs end in the middle of their events.
case_record_ends() {
    take mortal
    "$programs/recorders" ends "$pytrace" ./mortal "$1" "$2"
}

# recorded FILE NAME: the number of events, or what else recorded.c prints.
recorded() {
    "$programs/recorded" "$1" | awk -v name="$2" '$1 == name { n = $2 }
        END { print n + 0 }'
}

# sum NAME FILE: of what programs have printed.
sum() {
    awk -v name="$1" '$1 == name { n += $2 } END { print n + 0 }' "$2"
}

# Several programs at once, each of which starts AMOUNT processes one after the
# other. Children by fork are recorded when they are followed; what vfork's
# children fire before they execute a program is their parent's in any case, as
# their memory is.
case_record_processes() {
    take processes
    total=0
    for follow in "" --follow; do
        for how in fork vfork spawn exec; do
            for _ in 1 2 3; do
                echo "./processes $how $1 &"
            done
            echo wait
        done > storm
        # shellcheck disable=SC2086
        "$pytrace" record $follow -o storm.rec -- ./processes fork "$1" \
            > fired 2> errors || wrong "fork: $(cat errors)"
        compare "fork $follow: recorded and lost" \
            "$(sum gc__start fired) 0" \
            "$(recorded storm.rec gc__start) $(recorded storm.rec lost)"
        if [ -z "$follow" ]; then
            compare "fork: children that are not followed" 0 \
                "$(recorded storm.rec gc__done)"
            continue
        fi
        "$pytrace" record --follow -o storm.rec -- sh storm > fired 2> errors ||
            wrong "a storm: $(cat errors)"
        compare "a storm: recorded and lost" \
            "$(($(sum gc__start fired) + $(sum gc__done fired)))" \
            "$(($(recorded storm.rec events) + $(recorded storm.rec lost)))"
        compare "a storm: fired" \
            "$((3 * (7 * $1))) $((3 * 9 * $1))" \
            "$(sum gc__start fired) $(sum gc__done fired)"
        total=$(recorded storm.rec events)
    done
    echo "$((9 * $1)) processes started, $((3 * $1)) programs replaced," \
        "$total events recorded"
}

case_record_signals() {
    take signals
    "$pytrace" record --full block -o signals.rec -- ./signals "$1" > fired \
        2> errors || wrong "$(cat errors)"
    compare "strings that are not in the file" 0 \
        "$(recorded signals.rec unknown)"
    "$pytrace" print signals.rec | awk '/="?\?/ { n++ } END { exit n > 0 }' ||
        wrong "pytrace print misses a string"
    lost=$(recorded signals.rec lost)
    # In the middle of an event, a handler does not wait for room.
    signals=$(sed -n 's/^# \([0-9]*\) signals.*/\1/p' fired)
    while read -r name least most; do
        count=$(recorded signals.rec "$name")
        case $name in
        "#" | import__*) continue ;; # (its threads may have found no ring)
        audit) ;;
        *) least=$((least - signals)) ;;
        esac
        if [ "$count" -lt "$least" ] || [ "$count" -gt "$most" ]; then
            wrong "$name was fired $least to $most times, recorded $count," \
                "lost $lost of all"
        fi
    done < fired
    least=$(awk '$1 != "#" { n += $2 } END { print n }' fired)
    most=$(awk '$1 != "#" { n += $3 } END { print n }' fired)
    count=$(($(recorded signals.rec events) + lost))
    if [ "$count" -lt "$least" ] || [ "$count" -gt "$most" ]; then
        wrong "$least to $most events were fired, recorded and lost $count"
    fi
    echo "$(sed -n 's/^# //p' fired), $count events recorded, $lost lost"
}

# A library that is loaded and unloaded is recorded AMOUNT times for a while.
case_record_libraries() {
    take one.so
    cp "$programs/reloads" .
    setpriv --pdeathsig KILL ./reloads board ./one.so 2> errors &
    host=$!
    "$programs/control" board ready
    # Beside these, a recorder is often interrupted between two steps.
    for _ in 1 2 3; do
        setpriv --pdeathsig KILL yes > /dev/null &
        busy="${busy:-} $!"
    done
    n=0 sum=0 refused=0
    while [ $n -lt "$1" ]; do
        n=$((n + 1))
        before=$(fired_by_library)
        status=0
        "$pytrace" record -d "0.$((n * 7 % 20 + 10))" -o library.rec \
            -p $host 2> record.errors || status=$?
        if [ $status = 2 ] && grep -q 'has no markers' record.errors; then
            refused=$((refused + 1))    # the library was not there just then
            continue
        fi
        [ $status -lt 2 ] || wrong "$(cat record.errors)"
        count=$(($(recorded library.rec events) + \
            $(recorded library.rec lost)))
        most=$(($(fired_by_library) - before))
        # (Events are counted after the library has fired ten.)
        if [ $count -gt $((most + 10)) ] || [ $count -lt $((most - 10)) ]; then
            wrong "$most events were fired, and $count recorded or lost"
        fi
        sum=$((sum + count))
    done
    [ $sum -gt 0 ] || wrong "nothing was recorded"
    rounds=$("$programs/control" board rounds)
    # shellcheck disable=SC2086 # (several numbers)
    kill $busy
    "$programs/control" board stop
    wait $host || wrong "$(cat errors)"
    echo "$rounds times loaded and unloaded, $sum events in $((n - refused))" \
        "recordings"
}

fired_by_library() {
    "$programs/control" board taken | awk '{ n += $NF } END { print n + 0 }'
}

# Two bpftraces, perf and the recorder on the same markers: each counts all.
# Before that, the kernel's tracers come and go during AMOUNT recordings.
case_record_tracers() {
    start_host
    "$programs/control" board rest 100
    "$programs/recorders" mixed "$pytrace" board host.sites "$1" "$2"
    "$programs/control" board hold
    before=$("$programs/control" board taken)
    # shellcheck disable=SC2086
    start_tracer first "$(count_script host python $markers)"
    first=$tracer
    start_tracer second "$(count_script host python audit gc__start line)"
    second=$tracer
    : > perf.out
    env --default-signal=INT setpriv --pdeathsig TERM \
        sh "$srcdir/tests/tools/perf.sh" host python audit perf.out \
        > perf.ready 2> perf.errors &
    perf=$!
    wait_said perf.ready $perf || wrong "$(cat perf.errors)"
    setpriv --pdeathsig KILL "$pytrace" record --full block -o all.rec \
        -p "$host" 2> all.errors &
    recorder=$!
    wait_until "$patience" is_recorded || wrong "$(cat all.errors)"
    "$programs/control" board go
    wait_until "$patience" have_fired || wrong "the host fires too little"
    "$programs/control" board hold
    taken=$("$programs/control" board taken | sort)
    kill -INT $recorder
    wait $recorder || wrong "the recorder failed: $(cat all.errors)"
    end_tracers "$first" "$second" "$perf"
    taken=$(printf '%s\n%s\n' "$before" "$taken" | awk '
        { n[$1] = $2 - n[$1] }
        END { for (name in n) print name, n[name] }' | sort)
    compare "the first tracer" "$taken" "$(counted first)"
    compare "the second tracer" "$(echo "$taken" |
        grep -e '^audit ' -e '^gc__start ' -e '^line ')" "$(counted second)"
    compare "perf" "$(echo "$taken" | grep '^audit ')" "audit $(cat perf.out)"
    compare "the recorder" "$taken" "$("$programs/recorded" all.rec |
        grep -v -x -e 'events .*' -e 'lost 0' -e 'unknown 0' -e 'end 0' | sort)"
    end_host
    echo "$taken" | awk '{ n += $2 }
        END { print n " events, counted by each of them" }'
}

# The host's threads have fired enough to compare.
have_fired() {
    "$programs/control" board taken |
        awk '{ n += $2 } END { exit n < 100000 }'
}

# The recorder's bit is there.
is_recorded() {
    [ "$(sh "$srcdir/tests/tools/semaphores.sh" host "$host")" -ge 16384 ]
}
