#!/bin/sh
# SPDX-License-Identifier: MIT
# pytrace -p PID on Debian's own CPython, which nothing has prepared: it is
# given the markers, traced, and left as it was; and where that cannot be, a
# sentence. As an ordinary user, and as root on another's process.
# PYTRACE_PYTHONS is where the root file system of the interpreters is kept,
# build/pythons unless given.
# shellcheck disable=SC2086 # (lists of words)
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_recorder "a CPython that runs"
need "a CPython that runs" flock setpriv python3 unshare
need_pythons "a CPython that runs"

# What is mounted here ends with this test. /mnt is the one place that an
# ordinary user can read for sure: it has pytrace, its module, and the root.
if [ -z "${PYTRACE_OWN_MOUNTS:-}" ]; then
    PYTRACE_OWN_MOUNTS=1 exec unshare -m --propagation private sh "$0"
fi
root=/mnt/root
pytrace=/mnt/pytrace
build_module() {
    mkdir -p "$work/include/x86_64-linux-gnu" &&
        ln -sfn "$pythons/root/usr/include/x86_64-linux-gnu/python3.13" \
            "$work/include/x86_64-linux-gnu/python3.13" &&
        PYTHON_CPPFLAGS="-I$pythons/root/usr/include/python3.13
            -I$work/include" flock "$pythons/lock" \
            "$MAKE" -C "$builddir" stock-cpython
}
mount_all() {
    mount -t tmpfs -o mode=755 tmpfs /mnt &&
        mkdir -p $root /mnt/ports/stock-cpython/pytrace /mnt/programs &&
        cp "$builddir/pytrace" /mnt &&
        cp "$builddir/ports/stock-cpython/pytrace/_pytrace.abi3.so" \
            /mnt/ports/stock-cpython/pytrace &&
        cp "$srcdir"/tests/attached/* /mnt/programs &&
        mount --bind "$pythons/root" $root &&
        mount -t tmpfs -o mode=1777 tmpfs $root/tmp &&
        mount -t tmpfs -o mode=1777,noexec tmpfs $root/var/tmp &&
        mount -t tmpfs -o mode=1777,noexec tmpfs $root/dev/shm &&
        mount -t tmpfs -o mode=755 tmpfs $root/mnt &&
        mount --bind /proc $root/proc
}
succeeds "the module compiles" build_module
succeeds "the interpreters' file system" mount_all
[ $failures = 0 ] || finish
mkdir "$work/as-nobody" && chown nobody "$work/as-nobody"
cd "$work" || exit 1

# in_root VERSION ARGUMENT...: that interpreter, as nobody, for "begin".
in_root() {
    version=$1
    shift
    exec chroot --userspec=nobody:nogroup $root /usr/bin/env -i PATH=/usr/bin \
        $settings "python$version" "$@"
}
settings=

# begin COMMAND...: $running, whose output is in the file said; what is written
# to descriptor 5 comes to its standard input.
begin() {
    rm -f said errors input
    mkfifo input
    "$@" < input > said 2> errors &
    running=$!
    exec 5> input
    wait_said said $running
}

end() {
    kill -KILL "$running" 2> /dev/null
    wait "$running" 2> /dev/null
    exec 5>&-
}

# say WORD: the program's answer, in the file answer.
say() {
    before=$(wc -l < said)
    echo "$1" >&5
    wait_until $patience has_said_after "$1" &&
        tail -n +$((before + 1)) said | grep -v '^done' > answer
}

has_said_after() {
    tail -n +$((before + 1)) said | grep -q "^done $1"
}

as_nobody="setpriv --reuid=nobody --regid=nogroup --clear-groups"

# shows NAME COMMAND...: it prints the program's functions.
shows() {
    name=$1
    shift
    timeout 60 "$@" > out 2> err
    if [ $? -le 1 ] &&      # (1: events were lost.)
        grep -q 'outer (.*/busy.py:' out && grep -q 'inner (.*/busy.py:' out; then
        pass "$name"
    else
        fail "$name" "expected the functions outer and inner, came:" "
$(cat out err)"
    fi
}

# ---- as an ordinary user

mkdir -p $root/mnt/programs
cp /mnt/programs/* $root/mnt/programs
scope=$(cat /proc/sys/kernel/yama/ptrace_scope 2> /dev/null || echo 0)
for version in 3.14 3.15; do
    begin in_root $version /mnt/programs/busy.py
    if [ "$scope" != 0 ]; then
        skip_extra "$version: as an ordinary user" "Yama is on"
    else
        shows "$version: pytrace time, as an ordinary user" \
            $as_nobody $pytrace time -p $running -d 0.5
        shows "$version: pytrace top, which loads it anew" \
            $as_nobody $pytrace top -p $running -d 2
    fi
    shows "$version: pytrace time, as root" $pytrace time -p $running -d 0.5
    same "$version: it writes nothing" "" "$(cat errors)"
    same "$version: no file is left" "" "$(ls -A $root/tmp)"
    listed=$($pytrace ps -p $running | tail -n 1 | tr -s ' ')
    case $listed in
    *" nobody python by -p - python$version /mnt/programs/busy.py")
        pass "$version: pytrace ps says that it can be traced" ;;
    *)
        fail "$version: pytrace ps says that it can be traced" "$listed" ;;
    esac
    end
done

# ---- the main thread waits in C

for version in 3.14 3.15; do
    begin in_root $version -W error /mnt/programs/threads.py
    for _ in 1 2 3; do
        timeout 60 $pytrace time -p $running -d 0.5 > out 2> err
        grep -o 'inner (.*/threads.py:' out || cat err
    done > shown
    same "$version: where the main thread waits, another one loads it" 3 \
        "$(grep -c '^inner ' shown)"
    same "$version: and it goes again" 2 \
        "$(find /proc/$running/task -mindepth 1 -maxdepth 1 | wc -l)"
    same "$version: it writes nothing, and no file is left" "" \
        "$(cat errors; ls -A $root/tmp)"
    end
done

# ---- every view

begin in_root 3.14 /mnt/programs/state.py
for view in audit calls "flame --folded" gc imports "latency obey" lines; do
    $pytrace $view -p $running > out 2> err &
    viewer=$!
    wait_until $patience sh -c "$pytrace ps -p $running | grep -q recorder"
    say collect
    kill -TERM $viewer
    wait $viewer
    case $view in
    audit) expected=pytrace.test ;;
    calls | flame* | latency*) expected='obey (.*/state.py:' ;;
    gc) expected='^1[0-9]* collections' ;;
    imports) expected=' colorsys$' ;;
    lines) expected='state.py: ' ;;
    esac
    if grep -q "$expected" out err; then
        pass "pytrace ${view%% *}"
    else
        fail "pytrace ${view%% *}" "expected: $expected" "$(cat out err)"
    fi
done
end

# ---- a pytrace that is killed leaves a directory

# Of another user; a link; one whose process may be asking still.
mkdir $root/tmp/pytrace.0123456789abcdea && touch $root/tmp/kept
chown nobody $root/tmp/pytrace.0123456789abcdea
mkdir $root/tmp/elsewhere && touch $root/tmp/elsewhere/answer
ln -s elsewhere $root/tmp/pytrace.0123456789abcdeb
mkdir $root/tmp/pytrace.0123456789abcdec
touch $root/tmp/pytrace.0123456789abcdec/script.py
kept="pytrace.0123456789abcdea pytrace.0123456789abcdeb \
pytrace.0123456789abcdec answer script.py"
rooms() {
    (cd $root/tmp && for room in pytrace.*; do
        case $room in
        pytrace.0123456789abcde?) ;;
        *) echo "$room" ;;
        esac
    done)
}
kept() {
    (cd $root/tmp && echo pytrace.0123456789abcde? &&
        cd elsewhere && echo * && cd ../pytrace.0123456789abcdec && echo *) | xargs
}
begin in_root 3.14 /mnt/programs/busy.py
first=$running
$pytrace record -p $first -o killed.rec 2> record.err &
recorder=$!
wait_until $patience test -s killed.rec
kill -KILL $recorder
wait $recorder 2> /dev/null
left=$(rooms)
begin in_root 3.15 /mnt/programs/busy.py
$pytrace record -p $running -o living.rec 2> record.err &
recorder=$!
wait_until $patience test -s living.rec
alive=$(rooms)
same "what a killed pytrace has left is taken away by the next one" "1 1 gone" \
    "$(echo "$left" | wc -w) $(echo "$alive" | wc -w) $(
        [ "$left" = "$alive" ] || echo gone)"
shows "a third traces the first process" $pytrace time -p $first -d 0.5
same "what belongs to others is left alone" "$alive, $kept" "$(rooms), $(kept)"
kill -INT $recorder
wait $recorder
kill -KILL $first
end
rm -r $root/tmp/*

# ---- where the module need not be copied

mkdir $root/mnt/ports
mount --bind /mnt/ports $root/mnt/ports
begin in_root 3.14 /mnt/programs/busy.py
shows "the module is read where it is" $pytrace time -p $running -d 0.5
same "and stays mapped, once" 1 "$(grep -c \
    'r-xp.*/ports/stock-cpython/pytrace/_pytrace.abi3.so$' /proc/$running/maps)"

# ---- a pytrace that is killed

$pytrace record -p $running -o killed.rec 2> record.err &
recorder=$!
wait_until $patience test -s killed.rec
kill -KILL $recorder
wait $recorder 2> /dev/null
succeeds "a pytrace that was killed: nothing is on soon after" \
    wait_until $patience sh -c "$pytrace ps -p $running |
        grep -q -e ' python  *8 -  ' -e ' python  *by -p '"
shows "after a pytrace that was killed" $pytrace time -p $running -d 0.5
rm killed.rec
$pytrace record -p $running -o killed.rec 2> record.err &
recorder=$!
wait_until $patience test -s killed.rec
kill -KILL $recorder
wait $recorder 2> /dev/null
has_one_thread() {
    [ "$(find "/proc/${1:-$running}/task" -mindepth 1 -maxdepth 1 | wc -l)" = 1 ]
}
succeeds "a pytrace that was killed: the module goes by itself" \
    wait_until $patience has_one_thread
shows "and comes again" $pytrace time -p $running -d 0.5
succeeds "and goes at its end" has_one_thread
same "and the program writes nothing" "" "$(cat errors)"

# ---- two at the same time

$pytrace record -p $running -o first.rec 2> record.err &
recorder=$!
wait_until $patience test -s first.rec
wait_until $patience sh -c "$pytrace ps -p $running | grep -q recorder"
refuses "a second one is refused" "process $running is being recorded already" \
    $pytrace time -p $running -d 0.1
kill -INT $recorder
wait $recorder 2> /dev/null
"$pytrace" time first.rec > out 2> err
same "and the first goes on" outer \
    "$(sed -n 's/.* \(outer\) (.*/\1/p' out)"
end

# ---- children that it forks

begin in_root 3.14 -W error /mnt/programs/forks.py
$pytrace record --follow -p $running -o forks.rec 2> record.err &
recorder=$!
wait_until $patience sh -c "$pytrace ps -p $running | grep -q recorder"
say short
same "a child that is forked meanwhile ends well" "status 0" "$(cat answer)"
say long
child=$(sed -n 's/^child //p' answer)
shows_child() {
    timeout 60 $pytrace time -p "$child" -d 0.5 | grep 'child_works (.*forks.py'
}
kill -INT $recorder
wait $recorder
same "one that lives is traced, with --follow" "$child" "$($pytrace print \
    forks.rec 2> err | grep ' function__entry .*"child_works"' |
    awk -v child="$child" '$2 == child { print $2; exit }')"
succeeds "the module goes from its parent" has_one_thread
succeeds "and by itself from a child that works on" \
    wait_until $patience has_one_thread "$child"
succeeds "which can be traced then" shows_child
same "all of them write nothing" "" "$(cat errors)"
kill -KILL "$child"
end

# ---- what the process has, before and after

for version in 3.14 3.15; do
    begin in_root $version /mnt/programs/state.py
    say state && cp answer before
    timeout 60 $pytrace record -p $running -d 0.2 -o state.rec 2> err
    say state && cp answer once
    for i in 1 2 3 4 5; do
        timeout 60 $pytrace record -p $running -d 0.1 -o state.rec 2>> err
    done
    say state
    same "$version: what stays behind" \
        "descriptors: more /memfd
files mapped: more _pytrace.abi3.so, memfd:pytrace (deleted)
mappings of the module: 0, then 5
modules: more _pytrace, atexit" "$(python3 -I \
            "$srcdir/tests/attached/differences.py" before once)"
    same "$version: and later nothing more" "$(cat once)" "$(cat answer)"
    same "$version: recording it goes well" "" "$(grep -v recorded err)"

    # ---- each event once, beside the interpreter's own markers
    $pytrace record -p $running -o each.rec 2> record.err &
    recorder=$!
    wait_until $patience sh -c "$pytrace ps -p $running | grep -q recorder"
    say collect
    say state
    kill -INT $recorder
    wait $recorder
    $pytrace print each.rec > each.txt 2> print.err
    same "$version: each collection, and each audit event, once" \
        "100 starts, 100 ends, 100 events" \
        "$(grep -c ' gc__start .*generation=2' each.txt) starts, $(grep -c \
            ' gc__done ' each.txt) ends, $(grep -c 'pytrace.test' \
            each.txt) events"
    same "$version: nothing is written" "" "$(cat errors)"
    end
done

# ---- no

# says_no NAME PATTERN [COMMAND...]: pytrace time refuses, within a second.
says_no() {
    name=$1 pattern=$2
    shift 2
    started=$(date +%s%N)
    "$@" $pytrace time -p $running -d 5 > out 2> err
    status=$?
    took=$((($(date +%s%N) - started) / 1000000))
    if [ $status = 2 ] && grep -q -e "$pattern" err && [ "$(wc -l < err)" = 1 ]
    then
        pass "$name"
        echo "# after $took ms: $(cat err)"
    else
        fail "$name" "expected: $pattern" "exit status $status" "$(cat out err)"
    fi
    same "$name: nothing is left" "" "$(cat errors; ls -A $root/tmp)"
}

settings=PYTHON_DISABLE_REMOTE_DEBUG=1
begin in_root 3.14 /mnt/programs/busy.py
says_no "an environment that forbids it" \
    'forbids .*: start it by python3.14 -m pytrace SCRIPT$'
end
settings=
begin in_root 3.15 -X disable-remote-debug /mnt/programs/busy.py
says_no "an option that forbids it" \
    'forbids .*: start it by python3.15 -m pytrace SCRIPT$'
end
begin in_root 3.13 /mnt/programs/busy.py
says_no "too old a version" 'CPython 3.13 takes none while it runs.*python3.13 -m'
refuses "too old a version: pytrace ps says so, too" \
    'CPython 3.13 takes none while it runs.*python3.13 -m' \
    $pytrace ps -p $running
end
begin in_root 3.14 -c '
import threading
print("ready", flush=True)
threading.Event().wait()'
says_no "blocked in C" 'its main thread waits in futex .*: try again'
end
begin in_root 3.14 /mnt/programs/threads.py asleep
says_no "all threads blocked in C" 'its main thread waits in futex .*: try again'
end
begin in_root 3.14 -c '
import sys, time
def refuse(event, arguments):
    if "debugger" in event:
        raise PermissionError(event)
sys.addaudithook(refuse)
print("ready", flush=True)
while True:
    time.sleep(0.01)'
refuses "an audit hook that forbids it" 'an audit hook of the program refuses' \
    $pytrace time -p $running -d 1
end
begin in_root 3.14 /mnt/programs/busy.py
kill -STOP $running
says_no "stopped" "kill -CONT $running continues it"
kill -CONT $running
mv /mnt/ports/stock-cpython/pytrace/_pytrace.abi3.so /mnt/kept
says_no "no module" 'has no module for it .*: make stock-cpython'
mv /mnt/kept /mnt/ports/stock-cpython/pytrace/_pytrace.abi3.so
umount $root/mnt/ports
mount -o remount,noexec $root/tmp
says_no "nowhere to copy it to" 'has no directory for .*noexec'
mkdir -m 1777 /mnt/outside
mount -t tmpfs -o mode=755 tmpfs $root/var
ln -s /mnt/outside $root/var/tmp
says_no "a link that leads out" 'has no directory for .*noexec'
same "a link that leads out: nothing is there" "" "$(ls -A /mnt/outside)"
umount $root/var
mount -o remount,exec $root/tmp
chmod 777 $root/tmp
says_no "a directory in which others can rename" 'can be changed by others'
chmod 1777 $root/tmp
mv /mnt/ports/stock-cpython/pytrace/_pytrace.abi3.so /mnt/kept
cp "$builddir/pytrace" /mnt/ports/stock-cpython/pytrace/_pytrace.abi3.so
says_no "a module that is none" 'has no module for it'
mv /mnt/kept /mnt/ports/stock-cpython/pytrace/_pytrace.abi3.so
end
begin chroot $root /usr/bin/python3.14 /mnt/programs/busy.py
says_no "of another user" "is of another user" $as_nobody
shows "which root may" $pytrace time -p $running -d 0.3
end

# ---- in a container: its own mounts, process numbers and root

begin unshare --pid --fork --mount --propagation private sh -c "
    mount -t tmpfs -o mode=1777 tmpfs $root/tmp
    exec chroot --userspec=nobody:nogroup $root /usr/bin/python3.14 \
        /mnt/programs/busy.py"
outside=$running
running=$(child_of $outside)
shows "in a container" $pytrace time -p "$running" -d 0.5
shows "in a container, once more" $pytrace time -p "$running" -d 0.5
same "in a container: no file is left" "" "$(ls -A "/proc/$running/root/tmp")"
same "in a container: it writes nothing" "" "$(cat errors)"
end
wait $outside 2> /dev/null

# ---- a server under load: 100 times

mount --bind /mnt/ports $root/mnt/ports
begin in_root 3.14 /mnt/programs/server.py
port=$(sed -n 's/^ready //p' said)
mkfifo load
chroot $root /usr/bin/python3.14 /mnt/programs/client.py "$port" < load \
    > client.said 2> client.err &
client=$!
exec 6> load
wait_said client.said $client
wrong=
for i in $(seq 100); do
    timeout 60 $pytrace record -p $running -d 0.05 -o server.rec 2> err
    # (1: on a busy machine events may be lost.)
    [ $? -le 1 ] || wrong="$wrong$i: $(cat err); "
    [ $((i % 10)) != 0 ] ||
        $pytrace print server.rec 2> err | grep answer >> answers
done
exec 6>&-
wait $client
same "a server is traced 100 times" "" "$wrong"
if [ -s answers ]; then
    pass "and its functions are seen"
else
    fail "and its functions are seen" "$($pytrace print server.rec 2>&1 |
        tail -n 20)"
fi
same "and no request is lost" 0 "$(sed -n 's/.* lost //p' client.said)"
exec 5>&-
wait $running
same "all that were asked were served" \
    "$(sed -n 's/^asked \([0-9]*\) .*/\1/p' client.said)" \
    "$(sed -n 's/^served //p' said)"
same "and it writes nothing" "" "$(cat errors)"
echo "# $(tail -n 1 client.said)"

# ---- an interpreter with markers of its own

if [ ! -x "$cpython" ]; then
    skip "a patched CPython that loads the module, too" \
        "CPython could not be built"
    finish
fi
mkdir -p package && cp -R "$builddir/ports/stock-cpython/pytrace" package
begin env PYTHONPATH=package "$cpython" -B -c '
import gc, pytrace, sys
pytrace.install()
print("ready", flush=True)
sys.stdin.readline()
for _ in range(100):
    gc.collect()
print("done", flush=True)
sys.stdin.readline()'
$pytrace record -p $running -o both.rec 2> record.err &
recorder=$!
wait_until $patience sh -c "$pytrace ps -p $running | grep -q recorder"
echo >&5
wait_said said $running 'done'
kill -INT $recorder
wait $recorder
same "a patched CPython that loads the module, too: each event once" 100 \
    "$($pytrace print both.rec 2> err | grep -c ' gc__done ')"
end
finish
