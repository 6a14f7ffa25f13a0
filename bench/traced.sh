#!/bin/sh
# traced.sh - what an event costs while it is traced; as root.
#
#   traced.sh [--quick] DIRECTORY RESULTS [PART...]
#
# Builds in DIRECTORY, which can be kept for the next run, measures, and then
# appends to the file RESULTS a line for each figure, its fields separated by
# tabs: TABLE ROW COLUMN UNIT VALUE LOW HIGH N. VALUE is the median of N
# samples, LOW and HIGH are the lowest and the highest. The samples of a PART
# are taken in turns, in an order that rotates, so that they can be compared.
# The parts, all unless some are named, and their tables:
#
#   event     "event": ns an event of one marker in one thread, processor time
#             (which other work on the machine disturbs less); counted by
#             bpftrace in the kernel ("counted", gc__done with its integer), and
#             with two strings copied there (column "strings", function__entry;
#             they are the key of the map that counts, 64 bytes each at most).
#             LTTng-UST records the event with its integer, or with two strings
#             and an integer, and the time, in memory shared with its daemon,
#             which writes them to a file. debug.sethook is Lua's own call hook:
#             what a call takes longer that a hook counts ("strings": and asks
#             for the function's source, name and line).
#             "site": what stood at the probe site meanwhile, a trap or a call
#   threads   "threads": ns an event in each of 1, 2, 4 and 8 threads, all
#             firing at once, counted; the time that goes by, as the threads
#             share the machine's processors
#   attach    "attach": ms to attach to a marker and to detach, with 1, 10, 100
#             and 500 running processes: the kernel's part (perf_event_open),
#             and bpftrace, from its start until it is attached, and from its
#             being told to end until it has
#   slowdown  "slowdown": the processor time of a Lua program with 1 to 8
#             markers counted by bpftrace, to that without
#   sharing   "sharing": untraced; ns a guard in one thread, alone or while
#             another one (2) counts, in the semaphore's cache line or elsewhere
#
# What was counted must be what was fired; else nothing is recorded. --quick
# takes fewer samples. PYTRACE_BPFTRACE is the bpftrace to use, CC the compiler;
# the Lua is the one in the build directory $builddir, build/ unless given. Exit
# status 1 when something could not be measured, 2 when the command line is
# wrong.

set -eu
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
source=$(dirname "$here")
build=${builddir:-$source/build}
parts="event threads attach slowdown sharing"

usage() {
    echo "usage: traced.sh [--quick] DIRECTORY RESULTS [PART...]" \
        "(parts: $parts)" >&2
    exit 2
}

fail() {
    printf 'traced.sh: %s\n' "$*" >&2
    exit 1
}

# In a mount namespace of its own, for a private LTTng: its sockets are in /run
# and its buffers in /dev/shm. Nothing is left mounted.
if [ -z "${PYTRACE_PRIVATE:-}" ]; then
    [ "$(id -u)" = 0 ] || fail "tracing by the kernel needs root"
    PYTRACE_PRIVATE=1 exec unshare -m sh "$0" "$@"
fi

quick=
case ${1:-} in
--quick)
    quick=1
    shift ;;
-*) usage ;;
esac
[ $# -ge 2 ] || usage
directory=$1 results=$2
shift 2
[ $# = 0 ] || {
    for part; do
        case " $parts " in
        *" $part "*) ;;
        *) usage ;;
        esac
    done
    parts=$*
}
(: >> "$results") 2> /dev/null || fail "cannot write to $results"
mkdir -p "$directory" 2> /dev/null || fail "cannot make $directory"
directory=$(cd "$directory" && pwd)
cc=${CC:-gcc}
bpftrace=${PYTRACE_BPFTRACE:-bpftrace}

for program in "$cc" "$bpftrace" make pkg-config readelf lttng \
    lttng-sessiond babeltrace2; do
    command -v "$program" > /dev/null ||
        fail "there is no $program (Debian's packages: gcc bpftrace make" \
            "pkg-config binutils lttng-tools liblttng-ust-dev babeltrace2)"
done
[ -e /sys/bus/event_source/devices/uprobe ] ||
    fail "this kernel has no uprobes"
[ -f "$build/Makefile" ] ||
    fail "$build is not configured; run ./quickstart demo first"
[ -x "$source/configure" ] ||
    fail "there is no configure in $source; run ./quickstart demo first"
default_nop=$(sed -n 's/^PYTRACE_NOP = //p' "$build/Makefile")

# ---- what is left of a run, however it ends

scratch=$(mktemp -d "$directory/run.XXXXXX")
pids=

end_session() {
    if [ -f "$scratch/lttng/session" ]; then
        rm "$scratch/lttng/session"
        lttng --no-sessiond destroy bench > /dev/null 2>&1 || true
    fi
}

# shellcheck disable=SC2086
clean_up() {
    trap '' INT TERM HUP
    end_session
    [ -z "$pids" ] || kill $pids 2> /dev/null || true
    [ -z "$pids" ] || wait $pids 2> /dev/null || true
    rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /dev/shm

# ---- building

# step TEXT COMMAND...: run it; its output is shown when it fails.
step() {
    echo "$1" >&2
    shift
    "$@" > "$scratch/log" 2>&1 || {
        tail -n 20 "$scratch/log" >&2
        fail "this failed: $*"
    }
}

# library FORM: the library with that probe instruction, in DIRECTORY/FORM.
library() (
    mkdir -p "$directory/$1" && cd "$directory/$1" || exit
    if [ ! -f config.status ] ||
        [ -n "$(find "$source/configure" -newer config.status)" ]; then
        "$source/configure" -q --disable-maintainer-mode CC="$cc" \
            --with-probe-nop="$1" || exit
    fi
    make -s libpytrace.a
)

# compile PROGRAM SOURCE ARGUMENT...
compile() {
    program=$1
    file=$here/$2
    shift 2
    "$cc" -std=gnu11 -O2 -Wall -Wextra -Wpedantic \
        -o "$directory/$program.new" "$file" "$@" -lpthread &&
        mv "$directory/$program.new" "$directory/$program"
}

nops="nop nop5 nop+nop5 nop+nop10"
lua_source=$build/hosts/lua/src/unpatched/src

build_all() {
    for nop in $nops; do
        step "build: the library with $nop" library "$nop"
        step "build: host, $nop" compile "host-$nop" host.c -DHOST_PYTRACE \
            -I"$directory/$nop/include" "$directory/$nop/libpytrace.a"
    done
    step "build: host, sys/sdt.h" compile host-sdt host.c -DHOST_SDT
    step "build: host, LTTng-UST" compile host-lttng host.c -DHOST_LTTNG \
        -I"$here" -llttng-ust -ldl
    step "build: attach" compile attach attach.c
    step "build: sharing" compile sharing sharing.c \
        -I"$directory/$default_nop/include" \
        "$directory/$default_nop/libpytrace.a"
    step "build: Lua" make -C "$build" hosts/lua/unpatched/lua
    step "build: hooks" compile hooks hooks.c -I"$lua_source" \
        "$lua_source/liblua.a" -lm -ldl
}

# ---- samples and records

# name_of TECHNIQUE: as the tables have it.
name_of() {
    case $1 in
    nop*) echo "pytrace $1" ;;
    sdt) echo "sys/sdt.h inline" ;;
    lttng) echo "LTTng-UST" ;;
    hooks-*) echo "debug.sethook, ${1#hooks-}" ;;
    esac
}

# rotated TURN ITEM...: the items, another one first each turn.
rotated() {
    turn=$(($1 % ($# - 1)))
    shift
    while [ $turn -gt 0 ]; do
        turn=$((turn - 1))
        first=$1
        shift
        set -- "$@" "$first"
    done
    echo "$@"
}

# rounds_of FULL QUICK
rounds_of() {
    if [ -n "$quick" ]; then
        echo "$2"
    else
        echo "$1"
    fi
}

# record TABLE ROW COLUMN UNIT FILE: of the samples in FILE.
record() {
    sort -n "$scratch/$5" | awk -v what="$1	$2	$3	$4" '
        { sample[NR] = $1 }
        END {
            middle = int((NR + 1) / 2)
            median = (sample[middle] + sample[NR + 1 - middle]) / 2
            printf "%s\t%.3f\t%.3f\t%.3f\t%d\n", what, median, sample[1],
                sample[NR], NR
        }' >> "$scratch/records"
}

# publish: what a part has found, when all of it is right.
publish() {
    cat "$scratch/records" >> "$results"
    rm "$scratch/records"
}

# ---- tracers

# note IMAGE MARKER: the addresses of its one probe site and its semaphore.
note() {
    readelf -n "$1" | awk -v marker="$2" '
        $1 == "Name:" { found = $2 == marker }
        $1 == "Location:" && found {
            gsub(/,|0x/, "")
            print $2, $6
            sites++
        }
        END { exit sites != 1 }' ||
        fail "$1 must have one probe site of $2"
}

say_ready='BEGIN { printf("ready\n"); }'   # printed only when all is attached

# await PID LOG REASON COMMAND...: until the command succeeds, for two minutes;
# or fail with the LOG and for that REASON, also when the process PID has ended.
await() {
    awaited=$1 log=$2 reason=$3
    shift 3
    tries=0
    until "$@" > /dev/null 2>&1; do
        tries=$((tries + 1))
        if [ $tries = 1200 ] || ! kill -0 "$awaited" 2> /dev/null; then
            cat "$log" >&2
            fail "$reason"
        fi
        sleep 0.1
    done
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

# fire TECHNIQUE EVENT THREADS COUNT FILE: one sample.
fire() {
    case $1 in
    hooks-*)
        result="- $("$directory/hooks" "${1#hooks-}" "$2" "$4")" ||
            fail "$(name_of "$1"): no sample" ;;
    *)
        site=0
        [ "$1" = lttng ] || read -r site < "$scratch/site-$1-$2"
        result=$("$directory/host-$1" "$2" "$3" "$4" "$site") ||
            fail "$(name_of "$1"): no sample; is the marker traced?" ;;
    esac
    echo "$result" | {
        read -r elapsed processor fired bytes
        echo "$processor" >> "$scratch/$5.processor"
        echo "$elapsed" >> "$scratch/$5.elapsed"
        case $1 in
        hooks-*) return ;;
        esac
        echo "$2_$1 $fired" >> "$scratch/fired"
        [ "$1" = lttng ] || text_of_site "$1" "$bytes" >> "$scratch/text-$1"
    }
}

find_sites() {
    for technique; do
        note "$directory/host-$technique" gc__done \
            > "$scratch/site-$technique-counted"
        note "$directory/host-$technique" function__entry \
            > "$scratch/site-$technique-strings"
        for event in counted strings; do
            sed -i 's/ .*//' "$scratch/site-$technique-$event"
        done
    done
}

# text_of_site TECHNIQUE BYTES: what the kernel has put there. Behind a nop
# there may be another instruction for it to change; kernels that change a nop10
# move the stack pointer out of the red zone before they call.
text_of_site() {
    case ${2#90} in
    cc*) echo trap ;;
    e8* | 488d642480e8*) echo call ;;
    *) fail "$(name_of "$1"): at its probe site is neither a trap nor a call," \
        "but $2" ;;
    esac
}

# ---- the parts

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

# in_file IMAGE SECTION ADDRESS: the offset of that address in the file.
in_file() {
    section=$(readelf -SW "$1" | sed 's/^ *\[ *[0-9]*\] *//' |
        awk -v name="$2" '$1 == name { print $3, $4 }')
    printf '%x' $((0x$3 - 0x${section% *} + 0x${section#* }))
}

part_attach() {
    host=$directory/host-$default_nop
    addresses=$(note "$host" gc__done)
    site=$(in_file "$host" .text "${addresses% *}")
    semaphore=$(in_file "$host" .probes "${addresses#* }"):${addresses#* }
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

build_all
for part in $parts; do
    "part_$part"
    publish
done
