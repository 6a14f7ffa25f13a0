#!/bin/sh
# SPDX-License-Identifier: MIT
# pytrace check -p: the files of a process, and what their semaphores count.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"
# shellcheck source=SCRIPTDIR/check/lib.sh
. "$srcdir/tests/check/lib.sh"

# ---- processes

# wait_for TEXT FILE: until it is there.
wait_for() {
    wait_until "$patience" has_said "$2" "$1"
}

none="this process: none of its files is a pytrace host"
says "a process that is not there" 2 \
    "pytrace check: process 4194304: there is no such process" \
    "$pytrace" check -p 4194304
sleep 600 &
sleeping=$!
says "a process without the markers" 1 "$none" "$pytrace" check -p $sleeping
kill $sleeping
# What is mapped and is no file with markers: here one that has become empty.
: > mapped
python3 -I - << 'EOD' &
import mmap
import time

with open("mapped", "r+b") as file:
    file.truncate(4096)
    mapped = mmap.mmap(file.fileno(), 4096)
    file.truncate(0)
open("mapped.ready", "w").write("ready")
time.sleep(600)
EOD
mapping=$!
wait_for ready mapped.ready
says "a process with an empty file" 1 "$none" "$pytrace" check -p $mapping
# Through a descriptor, as another user may not reach this directory.
if [ "$(id -u)" = 0 ] && have setpriv; then
    says "a process of another user" 2 "pytrace check: process $mapping: its\
 list of mappings, /proc/$mapping/maps, cannot be read: Permission denied" \
        setpriv --reuid=65534 --regid=65534 --clear-groups /proc/self/fd/9 check \
        -p $mapping 9< "$pytrace"
else
    skip "a process of another user" "this is not root, or there is no setpriv"
fi
kill $mapping
if [ -d /proc/2 ] && [ "$(cat /proc/2/comm)" = kthreadd ]; then
    says "a thread of the kernel" 2 "pytrace check: process 2: it has no files\
 mapped: it has ended, or is a part of the kernel" "$pytrace" check -p 2
fi

# ---- hosts in libraries

# loading FILE...: a process that has loaded them, $loading.
loading() {
    rm -f loaded
    python3 -I - "$@" << 'EOD' &
import ctypes
import sys
import time

libraries = [ctypes.CDLL(name) for name in sys.argv[1:]]
open("loaded", "w").write("loaded")
time.sleep(600)
EOD
    loading=$!
    wait_for loaded loaded
}
ld -m elf_x86_64 -shared -z relro -o one.so good.o
cp one.so other.so
loading ./one.so
says "a process with a host" 0 "all 2 markers of provider p are well" \
    "$pytrace" check -p $loading
cp one.so new.so
mv new.so one.so
says "a process whose library was replaced" 0 \
    "all 2 markers of provider p are well
note: was deleted or replaced since the process mapped it: a tracer that is\
 given its path finds another file, or none; MAPPED is this one" \
    sh -c '"$0" "$@" | sed "s|/proc/[0-9]*/map_files/[0-9a-f]*-[0-9a-f]*|MAPPED|"' \
    "$pytrace" check -p $loading
kill $loading
loading ./one.so ./other.so
says "a provider in two files of a process" 1 \
    "all 2 markers of provider p are well
all 2 markers of provider p are well
this process: both $work/ONE and $work/OTHER have provider p, and a tracer of\
 one file does not see the events of the other: link the runtime into one of\
 them only" \
    sh -c '"$0" "$@" > both; status=$?
        sed "/^  this/{s/one\.so/ONE/; s/other\.so/OTHER/
            s/OTHER and \(.*\)ONE/ONE and \1OTHER/}" both
        exit $status' "$pytrace" check -p $loading
same "a provider in two files of a process, as JSON" "1 falls short" \
    "$("$pytrace" check --json -p $loading | python3 -I -c '
import json, sys
read = json.load(sys.stdin)
print(len(read["shortfalls"]), read["outcome"])')"
kill $loading

# ---- hosts that are programs

# It waits by itself: pause().
make_notes waiting 64 << EOD
$good
EOD
printf '%s\n' .text .globl\ _start '_start: mov $34, %eax' syscall 'jmp _start' \
    >> waiting.s
as --64 -o waiting.o waiting.s && ld -m elf_x86_64 -z relro -o waiting waiting.o
cp waiting waiting_as_another
# One that makes its code writable first: mprotect().
sed 's/^_start:/_start: lea _start(%rip), %rdi\nand $-4096, %rdi\nmov $4096, %esi\
mov $7, %edx\nmov $10, %eax\nsyscall\n/' waiting.s > opening.s
as --64 -o opening.o opening.s && ld -m elf_x86_64 -z relro -o opening opening.o
./opening &
opening=$!
wait_for rwxp "/proc/$opening/maps"
writable="is in memory that the process has made writable, where the kernel sets\
 no probe"
says "a process that has made its code writable" 1 "a: its site ADDRESS $writable
b: its site ADDRESS $writable" "$pytrace" check -p $opening
kill $opening
# As a user who may not reach this directory, and not map_files either.
if [ "$(id -u)" = 0 ] && have setpriv; then
    setpriv --reuid=65534 --regid=65534 --clear-groups /proc/self/fd/8 \
        8< waiting_as_another &
    waiting=$!
    wait_for waiting_as_another "/proc/$waiting/maps"
    rm waiting_as_another
    says "a process of one's own whose program was deleted" 0 \
        "all 2 markers of provider p are well
note: was deleted or replaced since the process mapped it: a tracer that is\
 given its path finds another file, or none; /proc/$waiting/exe is this one" \
        setpriv --reuid=65534 --regid=65534 --clear-groups /proc/self/fd/9 check \
        -p $waiting 9< "$pytrace"
    kill $waiting
    cp one.so another.so
    setpriv --reuid=65534 --regid=65534 --clear-groups \
        env LD_PRELOAD=/proc/self/fd/8 sleep 600 8< another.so &
    waiting=$!
    wait_for another.so "/proc/$waiting/maps"
    rm another.so
    says "a process of one's own whose library was deleted" 2 \
        "this process: none of its files is a pytrace host
pytrace check: $work/another.so (deleted): was deleted or replaced since the\
 process mapped it, and only root can read it" \
        setpriv --reuid=65534 --regid=65534 --clear-groups /proc/self/fd/9 check \
        -p $waiting 9< "$pytrace"
    kill $waiting
else
    skip "a process of one's own whose program or library was deleted" \
        "this is not root, or there is no setpriv"
fi
if [ ! -x "$lua" ]; then
    skip "processes" "Lua could not be built: $(cat "$builddir/hosts/why-not")"
    finish
fi

# A copy, as bpftrace traces all processes of a file; it waits until it is killed.
mkdir process
cp "$lua" process/lua
cp "$shared_lua" process/shared_lua
cp "$liblua" process
mkfifo process/lua.end process/shared.end
process/lua -e 'io.open("process/lua.end"):read()' &
running=$!
process/shared_lua -e 'io.open("process/shared.end"):read()' &
shared=$!
# Until they have started.
wait_for "liblua.so" "/proc/$shared/maps"
wait_for "libm" "/proc/$running/maps"
traced() {
    "$pytrace" check -p "$1" > out 2> err
    echo "exit status $?"
    sed -n 's/^  ok *\([a-z_]*\) *0x[0-9a-f]* *0x[0-9a-f]* *\([-0-9]*\) .*/\1 \2/p' \
        out
}
untraced="exit status 0
$(sed -n 's/^ \* python:\([a-z_]*\)$/\1 0/p' \
    "$builddir/include/pytrace_probes.h")"
same "a process: no tracer" "$untraced" "$(traced $running)"
same "a process: the file is named" "$work/process/lua" \
    "$(sed -n 's/^\(.*\): 64-bit.*/\1/p' out | grep process)"
same "a process: its library" "$untraced" "$(traced $shared)"
same "a process: its library is named" "$work/process/liblua.so" \
    "$(sed -n 's/^\(.*\): 64-bit.*/\1/p' out | grep process)"
same "a process, as JSON" "function__entry 0" \
    "$("$pytrace" check --json -p $running | python3 -I -c '
import json, sys
read = json.load(sys.stdin)
for file in read["files"]:
    for host in file["hosts"]:
        print(host["markers"][0]["name"], host["markers"][0]["value"])')"
rm process/lua
same "a process whose file was deleted" "$untraced" "$(traced $running)"
same "a process: it reports that the file was deleted" "$work/process/lua (deleted)" \
    "$(sed -n 's/^\(.*\): 64-bit.*/\1/p' out | grep process)"
if why=$(can_trace); then
    # Two tracers of one marker, which count 1 together, and one of another.
    tracers=
    for tracer in 1:line 2:line 3:audit; do
        bpftrace -e "BEGIN { printf(\"ready\\n\"); }
            usdt:$work/process/liblua.so:lua:${tracer#*:} { @++; }" \
            > "tracer.$tracer" 2>&1 &
        tracers="$tracers $!"
        wait_for ready "tracer.$tracer"
    done
    same "a process: which markers are traced" "$(echo "$untraced" |
        sed -e 's/^line 0/line 1/' -e 's/^audit 0/audit 1/')" \
        "$(traced $shared)"
    # shellcheck disable=SC2086
    sh "$srcdir/tests/tools/interrupt.sh" $tracers
    # shellcheck disable=SC2086
    wait $tracers
    same "a process: the tracers have gone" "$untraced" "$(traced $shared)"
else
    skip "a process: which markers are traced" "$why"
fi
kill $running $shared
wait $running $shared 2> /dev/null
finish
