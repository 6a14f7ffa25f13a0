#!/bin/sh
# pytrace-check -p: the files of a process, and what their semaphores count.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"
# shellcheck source=SCRIPTDIR/check/lib.sh
. "$srcdir/tests/check/lib.sh"

# ---- processes

# wait_for TEXT FILE: until it is there.
wait_for() {
    wait_until "$patience" has_said "$2" "$1"
}

says "a process that is not there" 2 \
    "pytrace-check: process 4194304: there is no such process" \
    "$check" -p 4194304
sleep 100 &
sleeping=$!
says "a process without the markers" 1 "pytrace-check: process $sleeping: none\
 of its files has markers of provider p" "$check" --probes two.d -p $sleeping
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
time.sleep(100)
EOD
mapping=$!
wait_for ready mapped.ready
says "a process with an empty file" 1 "pytrace-check: process $mapping: none\
 of its files has markers of provider p" "$check" --probes two.d -p $mapping
# Through a descriptor, as another user may not reach this directory.
if [ "$(id -u)" = 0 ] && have setpriv; then
    says "a process of another user" 2 "pytrace-check: process $mapping: its\
 list of mappings, /proc/$mapping/maps, cannot be read: Permission denied" \
        setpriv --reuid=65534 --regid=65534 --clear-groups /proc/self/fd/9 \
        -p $mapping 9< "$check"
else
    skip "a process of another user" "this is not root, or there is no setpriv"
fi
kill $mapping
if [ -d /proc/2 ] && [ "$(cat /proc/2/comm)" = kthreadd ]; then
    says "a thread of the kernel" 2 "pytrace-check: process 2: it has no files\
 mapped: it has ended, or is a part of the kernel" "$check" -p 2
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
    "$check" --provider lua -p "$1" > out 2> err
    echo "exit status $?"
    sed -n 's/^  ok *\([a-z_]*\) *0x[0-9a-f]* *0x[0-9a-f]* *\([-0-9]*\) .*/\1 \2/p' \
        out
}
untraced="exit status 0
$(sed -n 's/^    probe \([a-z_]*\)(.*/\1 0/p' "$srcdir/probes.d")"
same "a process: no tracer" "$untraced" "$(traced $running)"
same "a process: the file is named" "$work/process/lua" \
    "$(sed -n 's/^\(.*\): 64-bit.*/\1/p' out | grep process)"
same "a process: its library" "$untraced" "$(traced $shared)"
same "a process: its library is named" "$work/process/liblua.so" \
    "$(sed -n 's/^\(.*\): 64-bit.*/\1/p' out | grep process)"
same "a process, as JSON" "function__entry 0" \
    "$("$check" --provider lua --json -p $running | python3 -I -c '
import json, sys
read = json.load(sys.stdin)
for file in read["files"]:
    for marker in file.get("markers", [])[:1]:
        print(marker["name"], marker["value"])')"
rm process/lua
same "a process whose file was deleted" "$untraced" "$(traced $running)"
same "a process: that it was deleted is said" "$work/process/lua (deleted)" \
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
    kill $tracers
    # shellcheck disable=SC2086
    wait $tracers
    same "a process: the tracers have gone" "$untraced" "$(traced $shared)"
else
    skip "a process: which markers are traced" "$why"
fi
kill $running $shared
wait $running $shared 2> /dev/null
finish
