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
    "$parts/base.c" "$parts/text.c"
compile -o children "$tools/children.c" "$parts/children.c" \
    "$parts/base.c" "$parts/text.c"
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
#include <unistd.h>
int library_answer(void);
int main(void)
{
    int i;

    for (i = 100; i < 1100; i++)
        close(i);
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
# is_rare COMMAND...: after its start, nothing is stopped at its system calls.
is_rare() {
    calls=$(launches -c -h /nonesuch "$@" | sed -n 's/^calls: //p')
    if [ "${calls:-1000}" -lt 100 ]; then
        pass "the program's own calls do not stop it: $1"
    else
        fail "the program's own calls do not stop it: $1" "mapped: $calls"
    fi
}
is_rare ./dynamic
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
    is_rare ./musl
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
# Its first process may end before its second one has begun.
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    launches -f "$launched" daemon said
done > daemons
same "a daemon is followed to its end" "20 #1 ended: status 0
20 #1 executed
20 #1 forked #2
20 #2 ended: status 7
20 exit status 0" "$(sort daemons | uniq -c | sed 's/^ *//')"
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
same "each signal comes once, with its value" "ready
1000
exit status 0" "$(launches "$launched" queue 1000 | grep -v '#')"
# started OPTIONS WHAT...: this of launched in the background, when it is ready;
# $recorder, and $command.
started() {
    rm -f said list pid
    options=
    while [ "${1#-}" != "$1" ]; do
        options="$options $1"
        shift
    done
    # shellcheck disable=SC2086
    "$launch" -o list $options sh -c 'echo $$ > pid; exec "$@"' sh \
        "$launched" "$@" > said 2>&1 < /dev/null &
    recorder=$!
    wait_said said "$recorder" && command=$(cat pid)
}
# ends NAME TEXT: the recorder ends, and that is what the command has said.
ends() {
    wait_until "$patience" has_ended "$recorder" || kill -9 "$recorder"
    wait "$recorder" 2> /dev/null
    same "$1" "$2" "$(cat said)"
}
for signal in 1 2 10 15 20; do
    started handle 1 2 10 15 20
    kill -"$signal" "$command"
    ends "signal $signal is handled" "ready
signal $(printf %02d "$signal")"
done
state_is() {
    [ "$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2> /dev/null)" = "$2" ]
}
for follow in '' -f; do
    # shellcheck disable=SC2086
    started $follow handle 15
    kill -STOP "$command"
    succeeds "SIGSTOP stops it${follow:+, followed}" \
        wait_until "$patience" state_is "$command" t
    kill -TERM "$command"
    same "a stopped command handles nothing${follow:+, followed}" "ready" \
        "$(cat said)"
    kill -CONT "$command"
    ends "SIGCONT lets it run on${follow:+, followed}" "ready
signal 15"
done
# (Not followed, only the first thread is traced, and then the process again.)
has_executed() {
    [ "$(grep -c '^#1 executed$' list)" = "$1" ]
}
started thread "$launched" handle 15
succeeds "a thread that executes a program, not followed" \
    wait_until "$patience" has_executed 3
kill "$command"
ends "and it has its signals" "ready
signal 15"
# The recorder is killed: the command runs on, and handles its signals.
started -f handle 15
kill -9 "$recorder"
wait "$recorder" 2> /dev/null
succeeds "a killed recorder leaves the command alive" runs "$command"
same "and untraced" "0" "$(sed -n 's/^TracerPid:[[:space:]]*//p' \
    "/proc/$command/status")"
kill -TERM "$command"
succeeds "and with its signals" wait_until "$patience" has_said said \
    'signal 15'

for _ in 1 2 3 4 5 6 7 8 9 10; do
    started queue 20000
    kill -9 "$recorder"
    wait "$recorder" 2> /dev/null
    wait_until "$patience" has_ended "$command"
    cat said
done > said.all 2> /dev/null
same "a recorder that is killed takes no signal away" "10 20000
10 ready" "$(grep -v seconds said.all | sort | uniq -c | sed 's/^ *//')"

# ---- without tracing

same "a released command's end is told" "#1 executed
#1 ended: status 4
exit status 4" "$(launches -r sh -c 'exit 4')"
started -f -r handle 15
succeeds "a released command is not traced" wait_until "$patience" grep -q \
    '^TracerPid:[[:space:]]*0$' "/proc/$command/status"
kill -TERM "$command"
ends "and runs to its end" "ready
signal 15"
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

# ---- privileges, which a tracer that has none takes away

promise="a program that loses its privileges is told"
if [ "$(id -u)" = 0 ] && have setpriv; then
    # In a directory that another user can reach.
    open=$(mktemp -d)
    chmod 755 "$open"
    cp "$launched" "$launch" "$open"
    chmod 4755 "$open/launched"
    same "$promise" "told: process executes a program that has privileges of\
 its own, and runs without them, as it is traced: start it first, and record it\
 with -p, as root
#1 executed
#1 ended: status 0" "$(setpriv --reuid=65534 --regid=65534 --clear-groups \
        "$open/launch" "$open/launched" exec 0 2>&1 |
        sed 's/process [0-9]* /process /')"
    rm -r "$open"
else
    skip "$promise" "this is not root, or there is no setpriv"
fi

# ---- a terminal, and a shell with job control

# at_terminal COMMAND...: what becomes of the jobs under that command.
at_terminal() {
    timeout "$patience" python3 -I "$tools/terminal.py" \
        "ready stop fg line: $* $launched ask answer" \
        "ready stop bg fg line: $* $launched ask answer" \
        "ready stop fg stop fg int: $* $launched handle 2" \
        "ready int: $* $launched ask answer" 2>&1
}
if have python3 && have setsid; then
    untraced=$(at_terminal env)
    same "a terminal's keys, untraced" "stopped
ended with 0
stopped
stopped
ended with 0
stopped
stopped
ended with 5
ended with 130" "$untraced"
    for option in '' -f -s -r; do
        same "a terminal's keys, by launch${option:+ $option}" "$untraced" \
            "$(at_terminal "$launch" -o list $option)"
    done
else
    skip "a terminal's keys" "there is no python3"
fi

# ---- what a command has from its parent

export AN_ENTRY="of the environment"
surroundings() {
    (umask 027 && exec "$@" "$launched" surroundings 7< script)
}
plain=$(surroundings env)
for option in '' -f -s; do
    # shellcheck disable=SC2086
    same "a command has what it has untraced, by launch${option:+ $option}" \
        "$(echo "$plain" | if [ "$option" = -s ]; then
            sed -e '/^NoNewPrivs/s/0/1/' -e '/^Seccomp:/s/0/2/'
        else
            cat
        fi)" "$(surroundings "$launch" $option -o list env)"
done
cat > odd.py << 'END'
import os
import signal
import sys

signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_SETMASK, {signal.SIGUSR1, signal.SIGTSTP})
os.close(0)
os.execvp(sys.argv[1], sys.argv[1:])
END
if have python3; then
    odd=$(surroundings python3 -I odd.py env)
    same "also with signals ignored and blocked, without descriptor 0" "$odd" \
        "$(surroundings python3 -I odd.py "$launch" -o list env)"
else
    skip "also with signals ignored and blocked" "there is no python3"
fi

# ---- the children of a process that runs

# A shell that does what is written into a pipe, and who follows it.
mkfifo orders go_on
cat > parent.sh << 'END'
while read -r order; do
    eval "$order"
done
END
sh parent.sh < orders > /dev/null 2>&1 &
parent=$!
exec 3> orders
order() {
    echo "$1" >&3
}
# told COUNT TEXT: the text has been told so often.
told() {
    [ "$(grep -c -e "$2" followed)" = "$1" ]
}
tells() {
    succeeds "$1" wait_until "$patience" told "$2" "$3"
}
# sleeper.sh FILE: sleeps; its number is in the file.
printf 'echo $$ > "$1"\nexec sleep 600\n' > sleeper.sh
# there FILE: waits for that number.
there() {
    wait_until "$patience" test -s "$1"
}
order 'sh sleeper.sh first &'
there first
"$work/children" -o $parent > followed 2> looks 3>&- &
following=$!
tells "a child that was there before is told" 1 '^#1 forked #2$'
order 'sh -c "read line < go_on; exec sh sleeper.sh second" &'
tells "a new child is told" 1 '^#1 forked #3$'
echo > go_on
succeeds "a child that executes another program is told" \
    wait_until "$patience" grep -q '^#3 executed$' followed
order "$launched vfork 1 $(command -v sh) sleeper.sh third &"
tells "a child that has a child by vfork" 1 '^#4 forked #5$'
order "$launched idle 5 idle &"
tells "a child that has threads" 1 '^#1 forked #6$'
there idle
there third
order 'sh -c "sh sleeper.sh orphan &" &'
there orphan
# The shell between them may be seen or not.
has_told_orphan() {
    grep -q -e "^orphan $(cat orphan)\$" -e '^#7 forked #8$' followed
}
succeeds "a child whose parent has ended is told" wait_until "$patience" \
    has_told_orphan
kill "$(cat first)"
tells "a child's end is told" 1 '^#2 ended$'
order 'exec sh parent.sh'
tells "the process executes its own program again" 1 '^#1 executed$'
kill "$(cat second)" "$(cat third)" "$(cat idle)" "$(cat orphan)"
tells "the other child's end" 1 '^#3 ended$'
order exit
succeeds "it ends when all have ended" wait_until "$patience" has_ended \
    $following
exec 3>&-
same "threads are not told" "" "$(grep 'forked #9' followed)"
refuses "a process that is not there" "no such process" "$work/children" \
    4194304

finish
