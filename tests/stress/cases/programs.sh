# SPDX-License-Identifier: MIT
# programs.sh - stress cases of programs that start others, load libraries, get
# signals, and have strings of every kind; case.sh sources it.
#
# shellcheck shell=sh disable=SC2154 # (its variables are case.sh's)

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

# bpftrace shows the first 63 bytes of a string.
case_strings() {
    take strings
    start_tracer strings "usdt:$PWD/strings:python:function__entry {
        printf(\"%s %d [%s]\\n\", str(arg1), arg2, str(arg0)); }" -q
    COUNTED=1 setpriv --pdeathsig KILL ./strings file > fired &
    strings=$!
    # What it has not printed when it is interrupted, bpftrace 0.17 drops.
    wait_said strings.out "$tracer" paged-out || :
    end_tracers "$tracer"
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
