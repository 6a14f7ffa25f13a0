#!/bin/sh
# SPDX-License-Identifier: MIT
# How pytrace record starts a command, and finds what it becomes: every program
# that is executed and every child is told while it is stopped; a library is
# found before its code runs; the command behaves as it does untraced.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"
cd "$work" || exit 1

parts=$srcdir/src/pytrace
tools=$srcdir/tests/tools
compile() {
    ${CC:-gcc} -std=gnu11 -O1 -g -Wall -Wextra -Wpedantic -I"$parts" "$@" \
        -lpthread 2> compiled || {
        fail "the test's programs can be built" "$(cat compiled)"
        finish
    }
}
compile -o launch "$tools/launch.c" "$parts/launch.c" "$parts/linker.c" \
    "$parts/base.c"
compile -o children "$tools/children.c" "$parts/children.c" "$parts/base.c"
compile -o launched "$tools/launched.c"
launched=$work/launched
launch=$work/launch

# launches OPTIONS COMMAND...: what it prints, what is told, the exit status.
launches() {
    rm -f list
    timeout "$patience" "$launch" -o list "$@" 2> errors
    status=$?
    sort -s -k 1,1 list # (what is told of each, in its order)
    echo "exit status $status"
}

# ---- how a command ends

same "a command's exit status is its own" "#1 executed
#1 ended: status 3
exit status 3" "$(launches sh -c 'exit 3')"
same "a command that a signal kills" "#1 executed
#1 ended: signal 9
exit status 137" "$(launches sh -c 'kill -9 $$')"
same "no such command" "nonesuch: there is no such command
exit status 127" "$(launches nonesuch)"
same "no such file" "./nonesuch: there is no such command
exit status 127" "$(launches ./nonesuch)"
: > not-executable
same "a command that cannot be executed" \
    "./not-executable cannot be executed: Permission denied
exit status 126" "$(launches ./not-executable)"
printf '#!/nonesuch/sh\n' > bad-script
chmod 755 bad-script
same "a script without its interpreter" "./bad-script cannot be executed: its\
 interpreter or dynamic linker is not there
exit status 127" "$(launches ./bad-script)"
printf 'echo from a script without a first line; exit 4\n' > script
chmod 755 script
same "a script without a first line" "from a script without a first line
#1 executed
#1 ended: status 4
exit status 4" "$(launches ./script)"

# ---- a host in the executable, in a library

# The library's code makes the file "witness" as soon as it runs.
cat > library.c << 'END'
#include <fcntl.h>
#include <unistd.h>
int library_answer(void);
__attribute__((constructor)) static void begin(void)
{
    close(open("witness", O_CREAT | O_WRONLY, 0644));
}
int library_answer(void)
{
    return 6;
}
END
cat > program.c << 'END'
int library_answer(void);
int main(void)
{
    return library_answer();
}
END
compile -shared -fPIC -o libwitness.so library.c
compile -o dynamic program.c ./libwitness.so
early="#1 has the host, whose code has not run"
# finds NAME COMMAND...: the library is found before its code runs, which it
# does. Behind the name, the programs that are executed on the way.
finds() {
    promise=$1 programs=$2
    shift 2
    rm -f witness
    same "$promise" "#1 ended: status 6
$(yes "#1 executed" | head -n "$programs")
$early
exit status 6" "$(launches -h libwitness.so -w witness "$@" | sort)"
    [ -e witness ] || fail "$promise: its code runs" "there is no witness"
}
finds "a host in a library is found before its code runs" 1 ./dynamic
printf '#!%s\n' "$work/dynamic" > by-script
chmod 755 by-script
finds "by a script that names its interpreter" 1 ./by-script
finds "by env" 2 env dynamic_is=here ./dynamic
finds "by a shell that executes it" 2 sh -c 'exec ./dynamic'
finds "by a thread, followed" 2 -f "$launched" thread ./dynamic
linker=$(readelf -l dynamic | sed -n 's/.*interpreter: \(.*\)]/\1/p')
finds "by the dynamic linker as a command" 1 "$linker" ./dynamic
if compile -static -o static library.c program.c; then
    rm -f witness
    same "a static executable is found as it is executed" "#1 ended: status 6
#1 executed
$early
exit status 6" "$(launches -h /static -w witness ./static | sort)"
    rm -f witness
    same "and called for once" "calls: 1" "$(launches -c -h /nonesuch \
        ./static | grep calls)"
fi
if have musl-gcc && musl-gcc -shared -fPIC -o libmusl.so library.c &&
    musl-gcc -o musl program.c ./libmusl.so; then
    rm -f witness
    same "a host in a library, with musl" "#1 ended: status 6
#1 executed
$early
exit status 6" "$(launches -h libmusl.so -w witness ./musl | sort)"
else
    skip "a host in a library, with musl" "there is no musl-gcc"
fi

# ---- many processes

# counted OPTIONS COMMAND...: how often each kind is told.
counted() {
    launches "$@" | sed 's/#[0-9]*/#/g' | sort | uniq -c | sed 's/^ *//'
}
for way in fork vfork spawn; do
    same "500 children by $way and exec, followed" "501 # ended: status 0
501 # executed
500 # forked #
1 500
1 exit status 0" "$(counted -f "$launched" $way 500 "$launched" exec 0)"
    same "500 children by $way and exec, not followed" "1 # ended: status 0
1 # executed
1 500
1 exit status 0" "$(counted "$launched" $way 500 "$launched" exec 0)"
done
same "500 times exec" "1 # ended: status 0
501 # executed
1 exit status 0" "$(counted "$launched" exec 500)"
same "threads that execute a program, followed" "1 # ended: status 0
4 # executed
1 exit status 0" "$(counted -f "$launched" thread "$launched" thread \
    "$launched" thread "$launched" exec 0)"
# (Not followed, only the first thread is traced, and seized again.)
same "a thread that executes a program, not followed" "#1 ended: status 3
exit status 3" "$(launches "$launched" thread sh -c 'exit 3' |
    grep -v executed)"
same "a daemon is followed to its end" "#1 executed
#1 forked #2
#1 ended: status 0
#2 ended: status 7
exit status 0" "$(rm -f said; launches -f "$launched" daemon said)"
same "a command that closes all descriptors" "#1 executed
#1 executed
#1 ended: status 0
exit status 0" "$(launches "$launched" close \
        "$launched" exec 0)"
same "threads are not told" "#1 executed
#1 ended: status 0
exit status 0" "$(launches -f "$launched" threads 200 | sed 1d)"

# Ten at once, in one place each.
rm -f list.*
for i in 0 1 2 3 4 5 6 7 8 9; do
    "$launch" -f -o list.$i "$launched" fork 20 \
        "$launched" exec 0 > /dev/null &
done
wait
same "ten commands at once" "210 executed
210 ended:
200 forked" "$(for what in executed ended: forked; do
    echo "$(cat list.? | grep -c " $what") $what"
done)"

# ---- signals

same "a timer of 1 kHz" "ticked
exit status 0" "$(launches "$launched" timer 300 | grep -v '#')"
same "each signal comes once, with its value" "1000
exit status 0" "$(launches "$launched" queue 1000 | grep -v '#')"
# started OPTIONS COMMAND...: in the background; $recorder, and $command.
started() {
    rm -f said list
    timeout "$patience" "$launch" -o list "$@" > said 2>&1 < /dev/null &
    recorder=$!
    wait_said said "$recorder" || return 1
    command=$(pgrep -P "$(pgrep -P "$recorder")")
}
for signal in 1 2 10 15 20; do
    started "$launched" handle 1 2 10 15 20
    kill -"$signal" "$command"
    wait "$recorder"
    same "signal $signal is handled" "ready
signal $(printf %02d "$signal")" "$(cat said)"
done
state_is() {
    [ "$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2> /dev/null)" = "$2" ]
}
for follow in '' -f; do
    # shellcheck disable=SC2086
    started $follow "$launched" handle 15
    kill -STOP "$command"
    succeeds "SIGSTOP stops it${follow:+, followed}" \
        wait_until "$patience" state_is "$command" t
    kill -TERM "$command"
    same "a stopped command handles nothing${follow:+, followed}" "ready" \
        "$(cat said)"
    kill -CONT "$command"
    wait "$recorder"
    same "SIGCONT lets it run on${follow:+, followed}" "ready
signal 15" "$(cat said)"
done
# The recorder is killed: the command runs on, and handles its signals.
started -f "$launched" handle 15
kill -9 "$(pgrep -P "$recorder")"
wait "$recorder" 2> /dev/null
succeeds "a killed recorder leaves the command alive" runs "$command"
same "and untraced" "0" "$(sed -n 's/^TracerPid:[[:space:]]*//p' \
    "/proc/$command/status")"
kill -TERM "$command"
succeeds "and with its signals" wait_until "$patience" has_said said \
    'signal 15'

# ---- without tracing

same "a released command's end is told" "#1 executed
#1 ended: status 4
exit status 4" "$(launches -r sh -c 'exit 4')"
started -f -r "$launched" handle 15
succeeds "a released command is not traced" wait_until "$patience" grep -q \
    '^TracerPid:[[:space:]]*0$' "/proc/$command/status"
kill -TERM "$command"
wait "$recorder"
same "and runs to its end" "signal 15" "$(tail -n 1 said)"
told="told: the command cannot be traced (ptrace: Operation not permitted), so\
 its first events may be missed"
same "where ptrace is not permitted, it runs all the same" \
    "#1 ended: status 5
$told
exit status 5" "$(launches -s sh -c 'exit 5')"
same "and is not there all the same" "nonesuch: there is no such command
$told
exit status 127" "$(launches -s nonesuch)"

# ---- privileges, which a tracer that has none takes away

if [ "$(id -u)" = 0 ] && have setpriv; then
    mkdir -p open
    chmod 755 . open
    cp "$launched" "$launch" open
    chmod 4755 open/launched
    # Through a directory of its own, as another user may not reach this one.
    told=$(cd open && setpriv --reuid=65534 --regid=65534 --clear-groups \
        ./launch ./launched exec 0 2>&1)
    case $told in
    *"has privileges of its own, and runs without them"*)
        pass "a program that loses its privileges is told" ;;
    *) fail "a program that loses its privileges is told" "$told" ;;
    esac
    rm -rf open
else
    skip "a program that loses its privileges is told" \
        "this is not root, or there is no setpriv"
fi

# ---- debuggers

same "a command can trace a child" "stopped by 5
ended with 0
exit status 0" "$(launches "$launched" debug | grep -v '#')"
same "not when it is followed" "could not trace
exit status 0" "$(launches -f "$launched" debug | grep -v '#')"
same "it cannot be traced by its parent" "Operation not permitted
exit status 0" "$(launches "$launched" traceme | grep -v '#')"

finish
