# SPDX-License-Identifier: MIT
# tracers.sh - bpftrace and LTTng-UST, started and ended; and whether they counted
# what was fired. traced.sh sources it.
#
# shellcheck shell=sh disable=SC2154 # (its variables are traced.sh's)

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
