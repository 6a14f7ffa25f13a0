#!/bin/sh
# SPDX-License-Identifier: MIT
# Which processes pytrace export records: those that are named, or why not; what
# it leaves to another recorder for a while; libraries that are closed and opened
# again take no more of its memory.
#
# The exporter is given processes by -p, or a provider that no program has.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_markers "processes of pytrace export"
need_recorder "processes of pytrace export"
cd "$work" || exit 1
here=$srcdir/tests/exporter
host=$work/exported
provider=processes$$     # (what an earlier run has left behind is not this one)
for file in pytrace_probes.c pytrace_probes.h; do
    sed "s/@PROVIDER@/$provider/g" "$builddir/new-host/$file" > $file || exit 1
done
succeeds "the program is built" "${CC:-gcc}" -O2 -Wall -Wextra -I. \
    -o "$host" "$here/host.c" pytrace_probes.c -lpthread
exporter='' running='' others=''
trap 'kill -9 $exporter $running $others 2> /dev/null' EXIT

# begin: a host that waits for what to do, $running.
begin() {
    rm -f in said
    mkfifo in
    "$host" < in > said &
    running=$!
    exec 7> in
    wait_said said "$running"
}

# serve OPTION...: the exporter, $exporter, whose measures are in the file page.
serve() {
    rm -f page err
    "$pytrace" export --output page "$@" 2> err 7>&- 8>&- &
    exporter=$!
    wait_until "$patience" [ -f page ]
}

stop() {
    kill "$exporter"
    status=0
    wait "$exporter" || status=$?
}

has_value() {
    grep -q -F -x "$1 $2" page
}

# comes NAME SERIES VALUE: that value comes.
comes() {
    if wait_until 60 has_value "$2" "$3" 2> waited; then
        pass "$1"
    else
        fail "$1" "expected: $2 $3
came: $(grep "^${2%%[\{]*}" page)"
    fi
}

says() {
    wait_until 60 grep -q -e "$2" err 2> waited
    same "$1" 1 "$(grep -c -e "$2" err)"
}

# ---- a process that cannot be recorded, or is none

# wrong NAME SENTENCE OPTION...: it cannot begin, and says so.
wrong() {
    name=$1 sentence=$2
    shift 2
    status=0
    timeout 60 "$pytrace" export --output wrong.prom "$@" 2> err.wrong ||
        status=$?
    same "$name" "2 pytrace export: $sentence" "$status $(cat err.wrong)"
}
sleep 0 &
none=$!
wait "$none"
wrong "no such process" "there is no process $none: ps -e lists those there are" \
    -p "$none"
# (It does not wait for what the shell has started.)
sh -c 'sleep 0 & echo $! > zombie; exec sleep 600' &
others=$!
is_zombie() {
    [ -s zombie ] && grep -q '^State:.*Z' "/proc/$(cat zombie)/status"
}
wait_until "$patience" is_zombie
wrong "a process that has ended, and was not waited for" \
    "there is no process $(cat zombie) any more: ps -e lists those there are" \
    -p "$(cat zombie)"
status=0
# shellcheck disable=SC2016 # (it is the inner shell's)
timeout 60 sh -c 'echo $$ > itself
    exec "$1" export --output wrong.prom -p $$' sh "$pytrace" 2> err.wrong ||
    status=$?
same "the exporter itself" "2 pytrace export: process $(cat itself) is this \
exporter itself: pytrace ps lists those with markers" "$status $(cat err.wrong)"
wrong "no provider" "--provider needs the name of one: pytrace ps lists those \
there are; see pytrace export --help" --provider ''
same "no file is left of these" "no" "$([ -e wrong.prom ] && echo yes || echo no)"

serve -p "$others"
says "a process without markers: it goes on, and says so once" \
    "^pytrace export: process $others (sleep) has no markers"
comes "and counts it so" 'pytrace_processes{state="unmarked"}' 1
stop
kill "$others"
others=''
serve --provider "$provider"
says "a provider that no process has: it goes on, and says so once" \
    "^pytrace export: no process that this user may record has the provider \
$provider: pytrace ps lists those there are; one that comes is recorded\$"
begin
comes "one that comes is recorded" pytrace_processes_recorded_total 1
stop
same "its exit status is 0" 0 "$status"
serve -p "$running" --provider "no-$provider"
says "a process of another provider: it goes on, and says so once" \
    "^pytrace export: process $running has the provider $provider, not \
no-$provider\$"
comes "and does not count it" 'pytrace_processes{state="unmarked"}' 0
stop

# ---- left to another recorder

serve -p "$running"
comes "a process waits for its first event" \
    'pytrace_processes{state="waiting"}' 1
kill -USR1 "$exporter"
comes "one that is left to another recorder counts as that" \
    'pytrace_processes{state="yielded"}' 1
same "and as nothing else" \
    'pytrace_processes{state="recorded"} 0
pytrace_processes{state="refused"} 0
pytrace_processes{state="unmarked"} 0
pytrace_processes{state="waiting"} 0
pytrace_processes{state="yielded"} 1' \
    "$(grep '^pytrace_processes{' page | sort)"
stop

# ---- one that ends

serve -p "$running"
comes "a process that was named" pytrace_processes_recorded_total 1
exec 7>&-
wait "$running"
running=''
comes "it ends" pytrace_processes_ended_total 1
succeeds "the exporter goes on" kill -0 "$exporter"
same "it is counted nowhere" 0 \
    "$(grep '^pytrace_processes{' page | $AWK '{ all += $2 } END { print all }')"
stop
same "and there was nothing to say" "0 " "$status $(cat err)"

# Another one gets its number, in a namespace of processes.
again() {
    timeout 200 unshare -m -p -f --kill-child --mount-proc sh "$here/again.sh" \
        "$pytrace" "$host" 2> again.log
}
if [ "$(id -u)" = 0 ] && have unshare && [ -w /proc/sys/kernel/ns_last_pid ]
then
    same "another process that gets its number is not recorded" \
        "pytrace_processes_recorded_total 1" "$(again)"
else
    skip "another process that gets its number" "only root can give numbers"
fi

# ---- libraries

# (What takes minutes is done in seconds: the command with shorter intervals.)
variable() {
    sed -n "s/^$1 = //p" "$builddir/Makefile"
}
build() {
    sed -e 's/^\(static const uint64_t longest_search =\).*/\1 30 * MILLISECOND;/' \
        -e 's/\(search_interval = \)SECOND/\1 20 * MILLISECOND/' \
        -e 's/\(&recorded->checked, now, \)SECOND \/ 2/\1 10 * MILLISECOND/' \
        "$srcdir/src/pytrace/exporter_process.c" > exporter_process.c
    [ "$(grep -c 'MILLISECOND[;)]' exporter_process.c)" -ge 3 ] || return 1
    set -- "$builddir"/src/pytrace/pytrace-*.o
    for object; do
        shift
        [ "$object" = "$builddir/src/pytrace/pytrace-exporter_process.o" ] ||
            set -- "$@" "$object"
    done
    # shellcheck disable=SC2046
    ${CC:-gcc} -std=gnu11 $(variable CFLAGS) -I"$srcdir/src/pytrace" \
        -I"$srcdir/src/runtime" -o fast exporter_process.c "$@" \
        $(variable LIBELF_LIBS) $(variable MICROHTTPD_LIBS) \
        $(variable NCURSES_LIBS) -lz -lpthread &&
        ${CC:-gcc} -O2 -Wall -Wextra -I. -DLIBRARY -shared -fPIC \
            -o library.so "$here/reopen.c" pytrace_probes.c -lpthread &&
        ${CC:-gcc} -O2 -Wall -Wextra -I. -DMARKED -o reopen "$here/reopen.c" \
            pytrace_probes.c -ldl -lpthread
}
succeeds "a program that opens a library again and again is built" build
memory() {
    sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$exporter/status"
}
opened() {
    [ "$(tail -n 1 opened)" -ge "$1" ] 2> /dev/null
}
mkfifo input
./reopen ./library.so 400 < input > opened &
running=$!
exec 8> input
pytrace=$work/fast
serve -p "$running"
wait_until 300 opened 100
before=$(memory)
wait_until 300 opened 400
after=$(memory)
same "400 times, each of them recorded" 1 \
    "$(wait_until 20 has_value pytrace_processes_recorded_total 1 &&
        tail -n 1 opened | grep -c -x 400)"
same "300 of them take no more than a megabyte of the exporter" 1 \
    "$([ $((after - before)) -lt 1000 ] && echo 1 ||
        echo "$before kB, then $after kB")"
exec 8>&-
wait "$running"
running=''
stop
finish
