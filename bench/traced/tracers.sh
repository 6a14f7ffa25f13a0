# SPDX-License-Identifier: MIT
# tracers.sh - bpftrace, LTTng-UST and pytrace record, started and ended; and
# whether they counted what was fired. traced.sh sources it.
#
# shellcheck shell=sh disable=SC2034,SC2154 # (they share variables)

# place IMAGE MARKER [--offsets]: where its one probe site and its semaphore are,
# as addresses without 0x or, with --offsets, in the file, in decimal.
place() {
    # shellcheck disable=SC2086 # (an option or nothing)
    sh "$source/tests/tools/sites.sh" ${3:-} "$1" |
        awk -v marker="$2" -v offsets="${3:-}" '
        $(offsets ? 1 : 2) == marker {
            site = $(offsets ? 2 : 3)
            semaphore = $(offsets ? 3 : 4)
            sub(/^0x/, "", site)
            sub(/^0x/, "", semaphore)
            print site, semaphore
            sites++
        }
        END { exit sites != 1 }' ||
        fail "$1 must have one probe site of $2"
}

say_ready='BEGIN { printf("ready\n"); }'   # printed only when all is attached

# await PID LOG REASON COMMAND...: until the command succeeds; or fail with the
# LOG and for that REASON, also when the process PID has ended.
await() {
    awaited=$1 log=$2 reason=$3
    shift 3
    wait_until "$patience" succeeds_or_ended "$@" 2>> "$log" || :
    "$@" > /dev/null 2>&1 || {
        cat "$log" >&2
        fail "$reason"
    }
}
succeeds_or_ended() {
    "$@" > /dev/null 2>&1 || has_ended "$awaited"
}

# start_bpftrace: with the script $scratch/script.bt; returns when attached.
start_bpftrace() {
    printf '%s\n' "$say_ready" >> "$scratch/script.bt"
    : > "$scratch/counted"
    BPFTRACE_STRLEN=64 BPFTRACE_MAX_STRLEN=64 \
        env --default-signal=INT "$bpftrace" -q "$scratch/script.bt" \
        > "$scratch/counted" 2> "$scratch/bpftrace.log" &
    tracer=$!
    pids="$pids $tracer"
    await "$tracer" "$scratch/bpftrace.log" "$bpftrace did not attach" \
        grep ready "$scratch/counted"
}

# end_bpftrace: its maps are in $scratch/counted then.
end_bpftrace() {
    sh "$source/tests/tools/interrupt.sh" "$tracer"
    wait "$tracer" || true
    pids=$(echo "$pids" | sed "s/ $tracer\$//")
}

start_lttng() {
    mkdir -p "$scratch/lttng"
    LTTNG_HOME=$scratch/lttng
    LTTNG_UST_REGISTER_TIMEOUT=-1       # the host waits for the daemon
    export LTTNG_HOME LTTNG_UST_REGISTER_TIMEOUT
    lttng-sessiond --no-kernel > "$scratch/sessiond.log" 2>&1 &
    daemon=$!
    pids="$daemon $pids"
    await "$daemon" "$scratch/sessiond.log" \
        "LTTng-UST: its daemon did not start" lttng --no-sessiond list
    : > "$scratch/lttng/session"
    for command in "create bench --output=$scratch/trace" \
        "enable-channel -u --subbuf-size=4M --num-subbuf=8 events" \
        "enable-event -u -c events python:gc__done,python:function__entry" \
        start; do
        # shellcheck disable=SC2086
        lttng --no-sessiond $command > "$scratch/log" 2>&1 || {
            cat "$scratch/log" >&2
            fail "LTTng-UST: this failed: lttng $command"
        }
    done
}

# end_lttng: how many events were recorded is in $scratch/counted then.
end_lttng() {
    lttng --no-sessiond stop > "$scratch/log" 2>&1 || {
        cat "$scratch/log" >&2
        fail "LTTng-UST: the session did not stop"
    }
    end_session
    kill "$daemon"
    wait "$daemon" || true
    pids=${pids#"$daemon "}
    babeltrace2 "$scratch/trace" --component=sink.utils.counter \
        --params=step=+0 > "$scratch/log" 2>&1 || {
        cat "$scratch/log" >&2
        fail "LTTng-UST: its trace cannot be read"
    }
    awk '$2 == "Event" { print "@lttng: " $1 }' "$scratch/log" \
        >> "$scratch/counted"
    rm -rf "$scratch/trace"
}

# record_once OPTION... -- COMMAND...: what the command prints is in
# $scratch/output then, and its recording in $scratch/recording. False when
# events were lost; how many were recorded is in $recorded, and lost in $lost.
record_once() {
    # shellcheck disable=SC2086 # (a command or nothing)
    ${with_priority:-} "$build/pytrace" record -o "$scratch/recording" "$@" \
        > "$scratch/output" 2> "$scratch/record.log" || {
        cat "$scratch/record.log" >&2
        fail "pytrace record: this failed: $*"
    }
    counts=$(sed -n '/^pytrace: recorded /{
            s/,//g
            s/^[^0-9]*\([0-9]*\) event.* \([0-9]*\) lost.*/\1 \2/p
        }' "$scratch/record.log")
    recorded=${counts% *} lost=${counts#* }
    [ -n "$counts" ] || {
        cat "$scratch/record.log" >&2
        fail "pytrace record did not say what it recorded: $*"
    }
    [ "$lost" = 0 ]
}

# record_all OPTION... -- COMMAND...: until nothing was lost.
record_all() {
    for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        ! record_once "$@" || return 0
    done
    fail "pytrace record lost events, $try times: the machine is too busy"
}

# print_recording: the names of the recording's events.
print_recording() {
    "$build/pytrace" print "$scratch/recording" > "$scratch/events" ||
        fail "pytrace print: the recording cannot be read"
    awk '/^#/ { next } { print $3 }' "$scratch/events"
    rm "$scratch/events"
}

# count_recording EVENT: how many there are in the file.
count_recording() {
    print_recording | awk -v event="$1" '
        $1 == (event == "counted" ? "gc__done" : "function__entry") { count++ }
        END { print "@" event "_recorder: " count + 0 }' >> "$scratch/recorded"
}

# Trace every host, and begin to write down what they fire.
start_tracers() {
    for technique; do
        echo "usdt:$directory/host-$technique:python:gc__done {
            @counted_$(mangled "$technique") = count(); }
        usdt:$directory/host-$technique:python:function__entry {
            @strings_$(mangled "$technique")[str(arg0), str(arg1)] =
                count(); }"
    done > "$scratch/script.bt"
    : > "$scratch/fired"
    : > "$scratch/recorded"
    echo "attach: bpftrace, LTTng-UST" >&2
    start_bpftrace
    start_lttng
}

mangled() {
    echo "$1" | tr + _
}

# End them, and see that they have counted what was fired.
end_tracers() {
    end_bpftrace
    end_lttng
    cat "$scratch/recorded" >> "$scratch/counted"
    awk '
        function name(text) {
            gsub(/\+/, "_", text)
            sub(/^(counted|strings)_lttng$/, "lttng", text)
            return text
        }
        FILENAME == ARGV[1] { fired[name($1)] += $2 }
        FILENAME == ARGV[2] && /^@.*: [0-9]+$/ {
            event = $1
            gsub(/^@|[:\[].*/, "", event)
            counted[event] += $NF
        }
        END {
            for (event in fired)
                if (fired[event] != counted[event]) {
                    print "traced.sh: " event ": " fired[event] \
                        " events were fired, " counted[event] + 0 " counted"
                    wrong = 1
                }
            exit wrong
        }' "$scratch/fired" "$scratch/counted" >&2 || exit 1
}
