#!/bin/sh
# case.sh - one case of the stress tests; stress.sh and soak.sh run them.
#
#   case.sh CASE AMOUNT SEED DIRECTORY
#
# CASE is a function below, case_CASE, which says what AMOUNT is. The programs
# that build.sh made are beside DIRECTORY, which is made and gets private copies
# of them (bpftrace and the kernel trace all processes of a file). Leaves what
# was counted in DIRECTORY/said, a line, and what is wrong in DIRECTORY/log.
# srcdir and builddir are taken from the environment. Exit status 1 when
# something is wrong, 2 when the command line is.

# shellcheck disable=SC2154 # (srcdir is looked for at the end)
set -eu
LC_ALL=C
export LC_ALL

# wrong TEXT...: end the case.
wrong() {
    echo "$*" >&2
    exit 1
}

# no_semaphores IMAGE PID: nothing is left of the tracers.
no_semaphores() {
    left=$(sh "$srcdir/tests/tools/semaphores.sh" "$1" "$2")
    [ "$left" = 0 ] || wrong "the semaphores of $1 are $left, and not 0"
}

# take PROGRAM...: private copies, and lists of their sites.
take() {
    for program; do
        cp "$programs/$program" .
        sh "$srcdir/tests/tools/sites.sh" "$program" > "$program.sites"
    done
}

# ---- the threaded host

start_host() {
    take host
    ./host board 8 &
    host=$!
    "$programs/control" board ready
}

# end_host: its results must be right, and nothing left of the tracers.
end_host() {
    no_semaphores host "$host"
    "$programs/control" board stop
    wait "$host" || wrong "the host's rounds had other results than untraced"
}

# AMOUNT is how often tracers come and go.
case_cycles() {
    start_host
    "$programs/attach" cycles board host.sites "$1" "$2"
    end_host
}

# AMOUNT is how many are killed; and a tenth of that of bpftrace.
case_kills() {
    start_host
    "$programs/attach" kills board host.sites "$1" "$2"
    n=0
    while [ $n -lt $(($1 / 10)) ]; do
        n=$((n + 1))
        # shellcheck disable=SC2086
        start_tracer "killed.$n" "$(count_script host python $markers)"
        kill -KILL $tracer
        wait $tracer || :
        no_semaphores host "$host"
    done
    end_host
    echo "and $n bpftraces"
}

# ---- the Lua port

# take_lua: a private copy, its program, and a list of its sites.
take_lua() {
    cp "$lua" "$srcdir/tests/stress/lua.lua" "$srcdir/tests/stress/module.lua" .
    sh "$srcdir/tests/tools/sites.sh" lua > lua.sites
    plain=$("$unpatched_lua" lua.lua 1)
}

# start_lua [NAME]: it runs until end_lua, or the end of the case; $plain is
# what it must print.
start_lua() {
    take_lua
    lua_name=${1:-lua}
    [ "$lua_name" = lua ] || ln lua "$lua_name"
    setpriv --pdeathsig KILL "./$lua_name" lua.lua > printed &
    lua_pid=$!
    until runs_lua; do
        kill -0 $lua_pid || wrong "Lua was not started"
    done
}

# The process is no longer the one that is to start Lua.
runs_lua() {
    grep -q -s -F "$PWD/$lua_name" "/proc/$lua_pid/maps"
}

end_lua() {
    no_semaphores "$lua_name" "$lua_pid"
    : > stop
    wait "$lua_pid" || wrong "Lua failed"
    compare "Lua's program" "$plain" "$(cat printed)"
}

case_lua_cycles() {
    start_lua
    "$programs/attach" cycles "$lua_pid" lua.sites "$1" "$2"
    end_lua
}

case_lua_kills() {
    start_lua
    "$programs/attach" kills "$lua_pid" lua.sites "$1" "$2"
    end_lua
}

# child_of PID: the process that it has started.
child_of() {
    cat /proc/[0-9]*/stat 2> /dev/null | awk -v parent="$1" '
        $4 == parent {
            print $1
            found = 1
            exit
        }
        END {
            exit !found
        }'
}

# One tracer sees all of a program of AMOUNT rounds, while others of the other
# markers come and go.
case_lua_counts() {
    take_lua
    lua_name=lua
    grep -E '^(function__|line )' lua.sites > counted.sites
    grep -v -E '^(function__|line )' lua.sites > other.sites
    "$programs/count" alone counted.sites all ./lua lua.lua "$1" > printed
    compare "Lua's program" "$plain" "$(cat printed)"
    "$programs/count" disturbed counted.sites all ./lua lua.lua "$1" > printed &
    counter=$!
    until lua_pid=$(child_of $counter) && runs_lua; do
        kill -0 $counter || wrong "Lua was not started"
    done
    "$programs/attach" cycles "$lua_pid" other.sites 1000000 "$2" > meanwhile
    wait $counter || wrong "Lua failed"
    compare "Lua's program" "$plain" "$(cat printed)"
    compare "counted" "$(cat alone)" "$(cat disturbed)"
    cycles=$(sed 's/ .*//' meanwhile)
    [ "$cycles" -gt 0 ] || wrong "nothing came or went"
    awk -v cycles="$cycles" '{ n[$1] = $2 }
        END {
            print n["line"] " lines, " n["function__entry"] " calls, " \
                cycles " cycles meanwhile"
            exit n["function__entry"] != n["function__return"]
        }' disturbed || wrong "not as many returns as entries"
}

# ---- bpftrace

# start_tracer NAME SCRIPT [OPTION...]: returns when it is attached; what it
# prints is in NAME.out. It dies with the case.
start_tracer() {
    name=$1
    printf 'BEGIN { printf("ready\\n"); }\n%s\n' "$2" > "$name.bt"
    shift 2
    env --default-signal=INT setpriv --pdeathsig KILL \
        bpftrace "$@" "$name.bt" > "$name.out" 2> "$name.errors" &
    tracer=$!
    sh "$srcdir/tests/tools/until_ready.sh" "$name.out" $tracer ||
        wrong "$(cat "$name.errors")"
}

markers="audit function__entry function__return gc__done gc__start
    import__find__load__done import__find__load__start line"

# count_script BINARY PROVIDER MARKER...
count_script() {
    binary=$PWD/$1 provider=$2
    shift 2
    for marker; do
        echo "usdt:$binary:$provider:$marker { @[\"$marker\"] = count(); }"
    done
}

# end_tracers PID...: when they have printed what they counted.
end_tracers() {
    sh "$srcdir/tests/tools/interrupt.sh" "$@"
    for pid; do
        wait "$pid" || wrong "a tracer failed: $(cat ./*.errors)"
    done
}

# counted NAME: what a tracer counted, as "MARKER COUNT", sorted.
counted() {
    sed -n 's/^@\[\(.*\)\]: /\1 /p' "$1.out" | sort
}

# compare WHAT EXPECTED GOT
compare() {
    [ "$2" = "$3" ] || wrong "$1: expected
$2
and came
$3"
}

# Three bpftraces and perf at once, one of them stopped for a while in which the
# host goes on, and one of them killed: each of the others counts everything.
# AMOUNT is the milliseconds.
case_tracers() {
    start_host
    "$programs/control" board hold
    before=$("$programs/control" board taken)
    # shellcheck disable=SC2086
    start_tracer first "$(count_script host python $markers)"
    first=$tracer
    start_tracer second "$(count_script host python audit gc__start line)"
    second=$tracer
    start_tracer third "$(count_script host python gc__start)"
    third=$tracer
    : > perf.out
    env --default-signal=INT setpriv --pdeathsig TERM \
        sh "$srcdir/tests/tools/perf.sh" host python audit perf.out \
        > perf.ready 2> perf.errors &
    perf=$!
    sh "$srcdir/tests/tools/until_ready.sh" perf.ready $perf ||
        wrong "$(cat perf.errors)"
    "$programs/control" board go
    sleep "$(printf '%d.%03d' $(($1 / 2000)) $(($1 / 2 % 1000)))"
    kill -STOP $first
    kill -KILL $third
    wait $third || :
    rounds=$("$programs/control" board rounds)
    sleep "$(printf '%d.%03d' $(($1 / 2000)) $(($1 / 2 % 1000)))"
    later=$("$programs/control" board rounds)
    kill -CONT $first
    "$programs/control" board hold
    [ "$later" -gt "$rounds" ] || wrong "the host stood while a tracer did"
    [ "$(echo "$before" | awk '{ n += $2 } END { print n }')" = 0 ] ||
        wrong "it was fired before it was traced"
    taken=$("$programs/control" board taken | sort)
    end_tracers $first $second $perf
    compare "the first tracer" "$taken" "$(counted first)"
    compare "the second tracer" "$(echo "$taken" |
        grep -e '^audit ' -e '^gc__start ' -e '^line ')" "$(counted second)"
    compare "perf" "$(echo "$taken" | grep '^audit ')" "audit $(cat perf.out)"
    end_host
    echo "$taken" | awk '{ n += $2 }
        END { print n " events, counted by two tracers or three" }'
}

# ---- other programs

# What children fire is counted where every process is traced.
case_processes() {
    take processes
    sum=0
    for how in fork vfork spawn exec; do
        for traced in all process; do
            "$programs/count" out processes.sites $traced ./processes $how \
                "$1" > fired
            grep -q -x 'semaphores 0' out || wrong "$how, $traced: $(cat out)"
            starts=$(sed -n 's/gc__start //p' fired)
            dones=$(sed -n 's/gc__done //p' fired)
            expected=$((2 * $1))
            [ $how != exec ] || expected=$1
            compare "$how, $traced: fired" "$expected" "$starts"
            case $how-$traced in
            exec-*) expected=0 ;;
            *-all)
                compare "$how, $traced: fired by children" $((3 * $1)) "$dones"
                expected=$dones ;;
            spawn-process)
                compare "$how, $traced: fired by children" 0 "$dones"
                expected=0 ;;
            *) expected=0 ;;
            esac
            compare "$how, $traced: counted" "$starts $expected" \
                "$(awk '/^gc__start/ { s = $2 } /^gc__done/ { d = $2 }
                    END { print s " " d }' out)"
            sum=$((sum + starts + expected))
        done
    done
    echo "$((6 * $1)) processes started, $((2 * $1)) programs replaced," \
        "$sum events counted"
}

# As docs/tracing.md says.
case_inherit() {
    take inherit
    ./inherit inherit.sites > got
    compare "what a child inherits" "\
all fires 1 1 counted 1
all silent 1
all earlier 1
all self 1
all gone 0 0 0 0
all-events fires 1 1 counted 1
all-events silent 1
all-events earlier 1
all-events self 1
all-events gone 0 0 0 0
process fires 1 1 counted 0
process silent 1
process earlier 0
process self 1
process gone 0 0 0 0
process-events fires 1 0 counted 0
process-events silent 1
process-events earlier 0
process-events self 1
process-events gone 0 0 0 0" "$(cat got)"
    echo "12 children, 4 tracers"
}

# Two hosts in libraries, of two providers, and Lua, loaded and unloaded
# together.
case_libraries() {
    take one.so two.so liblua.so
    cp "$programs/libraries" "$programs/lua.so" .
    {
        grep -h '^gc__start ' one.so.sites two.so.sites
        grep '^function__' liblua.so.sites
    } > sites
    "$programs/count" out sites all ./libraries "$1" ./one.so ./two.so \
        ./lua.so > fired
    compare "fired" "$1
$((2 * $1))
$((4 * $1))" "$(cat fired)"
    compare "counted" "$(cat fired)
$((4 * $1))
0" "$(sed 's/.* //' out)"
    echo "$1 times loaded and unloaded"
}

case_signals() {
    take signals
    "$programs/count" out signals.sites all ./signals "$1" > fired
    grep -q -x 'semaphores 0' out || wrong "$(cat out)"
    while read -r name least most; do
        [ "$name" != "#" ] || continue
        count=$(sed -n "s/^$name //p" out)
        if [ "$count" -lt "$least" ] || [ "$count" -gt "$most" ]; then
            wrong "$name was fired $least to $most times, counted $count times"
        fi
        case $name in
        audit) compare "$name" "2 2" "$least $most" ;;
        line) [ "$least" -ge "$1" ] || wrong "$name was fired $least times" ;;
        esac
    done < fired
    sed -n 's/^# //p' fired
}

# AMOUNT interpreters that start and end while all of them are traced, four at a
# time; another one, which is not counted, runs from before until after that.
case_interpreters() {
    start_lua other
    # What one of them fires, counted by the kernel.
    "$programs/count" one lua.sites process ./lua lua.lua 10 > printed.one
    compare "returns" "$(sed -n 's/^function__entry //p' one)" \
        "$(sed -n 's/^function__return //p' one)"
    start_tracer all "$(count_script lua lua function__entry function__return \
        line | sed 's,{,/comm == "lua"/ {,')"
    n=0
    while [ $n -lt "$1" ]; do
        running=
        for _ in 1 2 3 4; do
            n=$((n + 1))
            ./lua lua.lua 10 > printed.$n &
            running="$running $!"
        done
        for pid in $running; do
            wait "$pid" || wrong "an interpreter failed"
        done
    done
    end_tracers $tracer
    end_lua
    for printed in printed.*; do
        compare "the program" "$plain" "$(cat "$printed")"
    done
    expected=$(awk -v n=$n '/^(function__entry|function__return|line) / {
        print $1 " " n * $2 }' one | sort)
    compare "counted" "$expected" "$(counted all)"
    echo "$n interpreters, $(echo "$expected" |
        awk '{ n += $2 } END { print n }') events"
}

# bpftrace shows the first 63 bytes of a string.
case_strings() {
    take strings
    start_tracer strings "usdt:$PWD/strings:python:function__entry {
        printf(\"%s %d [%s]\\n\", str(arg1), arg2, str(arg0)); }" -q
    COUNTED=1 setpriv --pdeathsig KILL ./strings file > fired &
    strings=$!
    # What it has not printed when it is interrupted, bpftrace 0.17 drops.
    tries=0
    until [ $tries = 200 ] || grep -q paged-out strings.out; do
        tries=$((tries + 1))
        sleep 0.05
    done
    end_tracers $tracer
    no_semaphores strings $strings
    kill -CONT $strings
    wait $strings || wrong "the strings were not made"
    {
        echo "ready
null 0 []
empty 0 []
plain 10 [plain text]"
        printf 'bytes 13 [\377\376 caf\351 \303( \360\237]\n'
        echo "\
long 1048575 [abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk]
last 4 [last]
end 0 []
border 12 [on two pages]
untouched 18 [text 1 of the file]
untouched-border 23 [xxxxxtext 4 of the file]
dropped 18 [text 5 of the file]
paged-out 18 [text 6 of the file]"
    } > expected
    # bpftrace ends with empty lines.
    sed '/^$/d' strings.out > got
    cmp expected got || wrong "$(diff -u expected got)"
    # Those that were not in memory were not in memory.
    compare "pages not in memory" "untouched 1
untouched-border 2
dropped 1
paged-out 1" "$(awk '$3 > 0 { print $1 " " $3 }' fired)"
    echo "12 strings"
}

if [ $# != 4 ]; then
    echo "usage: case.sh CASE AMOUNT SEED DIRECTORY" >&2
    exit 2
fi
: "${srcdir:?run this with make check}" "${builddir:?}"
lua=$builddir/hosts/lua/lua
unpatched_lua=$builddir/hosts/lua/unpatched/lua
mkdir -p "$4"
programs=$(realpath "$4/../programs")
cd "$4"
exec > said 2> log
"case_$1" "$2" "$3"
[ -s said ] || wrong "nothing was counted"
