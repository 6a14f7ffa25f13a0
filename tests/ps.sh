#!/bin/sh
# SPDX-License-Identifier: MIT
# pytrace ps: the processes with markers, children below their parents, and who
# traces them; for people and as JSON.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_markers "pytrace ps"
if [ ! -x "$pytrace" ]; then
    skip "pytrace ps" "pytrace was not built"
    finish
fi
need "pytrace ps" python3
cd "$work" || exit 1
build_hosts() {
    ${CC:-gcc} -O2 -Wall -Wextra -I"$builddir/include" -o tree \
        "$srcdir/tests/ps/tree.c" "$builddir/libpytrace.a" &&
        ${CC:-gcc} -O2 -Wall -Wextra -I"$builddir/include" -fPIC -shared \
            -o library.so "$srcdir/tests/record/library.c" \
            "$builddir/libpytrace.a"
}
build_hosts > log 2>&1 || {
    fail "the hosts are built" "$(cat log)"
    finish
}
provider=$(sed -n 's/^PYTRACE_PROVIDER = //p' "$builddir/Makefile")
markers=$(grep -c '^ \* python:[a-z_]*$' "$builddir/include/pytrace_probes.h")

# begin COMMAND...: a tree; $running, its $first child, that one's $child, and
# its $second. (The command is a program, which executes the tree.)
begin() {
    rm -f said
    "$@" > said &
    running=$!
    wait_said said $running ready
    read -r _ first child second _ < said
}

end() {
    kill "$running"
    wait "$running" 2> /dev/null
}

# list ARGUMENT...: what pytrace ps prints, with names for the numbers, and one
# blank for several; and its exit status where that is not 0.
list() {
    status=0
    "$pytrace" ps "$@" > out 2> err || status=$?
    sed -e "s/\<$running\>/FIRST/; s/\<$first\>/CHILD/; s/\<$child\>/GRANDCHILD/" \
        -e "s/\<$second\>/SECOND/; s/^ *//; s/  *\([^ ]\)/ \1/g" out err
    [ $status = 0 ] || echo "exit status $status"
}

# row PROCESS TRACED COMMAND [USER]
row() {
    echo "$1 ${4:-$user} $provider $markers $2 $3"
}

# tree TRACED COMMAND: the four, in ASCII, with one blank for several.
tree() {
    echo "PID USER PROVIDER MARKERS TRACED BY COMMAND"
    row FIRST "$1" "$2"
    row CHILD "$1" "\\_ $2"
    row GRANDCHILD "$1" "| \\_ $2"
    row SECOND "$1" "\\_ $2"
}
user=$(id -un)

# ---- a tree of processes

begin ./tree
same "a process and its children" "$(tree - ./tree)" "$(list -p $running)"
same "ASCII draws the tree so" "./tree
 \\_ ./tree
 |   \\_ ./tree
 \\_ ./tree" "$(sed -n 's/^.* - *\( \(\.\| [|\\]\).*\)/\1/p' out | sed 's/^ //')"
same "a child and its own" "$(tree - ./tree |
    sed -e '/FIRST/d; /SECOND/d; s/| //; s/CHILD \(.*\)\\_ /CHILD \1/' \
        -e 's/GRAND\(.*\) \.\//GRAND\1 \\_ .\//')" "$(list -p "$first")"
same "two that are named, one of them twice" "$(row GRANDCHILD - ./tree)
$(row SECOND - ./tree)" \
    "$(list -p "$second" -p "$child" -p "$second" | sed 1d | sort)"
list > all
same "without -p they are among all" "$(tree - ./tree | sed 1d)" \
    "$(grep -e '^FIRST ' -e '^CHILD ' -e '^GRANDCHILD ' -e '^SECOND ' all)"
if locale -a 2> /dev/null | grep -q -i '^c\.utf-*8$'; then
    same "UTF-8 draws the tree so" "./tree
├─ ./tree
│  └─ ./tree
└─ ./tree" "$(LC_ALL=C.UTF-8 "$pytrace" ps -p $running | sed '1d; s/.* - *//')"
else
    skip "UTF-8 draws the tree so" "there is no locale C.UTF-8"
fi
# A child of a process without markers, and a process without any.
sleep 600 &
sleeping=$!
list -p $sleeping > listed
same "no markers: what to do next" "pytrace ps: process $sleeping (sleep) has no\
 markers: pytrace check -p $sleeping says more, and docs/embedding.md how a\
 program gets them
exit status 1" "$(cat listed)"
kill $sleeping
end
begin sh -c './tree & wait'
pid=$(sed 's/ .*//' said)
same "below a process that has none" \
    "$pid $user $provider $markers - ./tree" "$(list -p $running | sed -n 2p)"
kill "$pid"
wait $running
LD_PRELOAD=$work/library.so begin sh -c 'env -u LD_PRELOAD sh -c "./tree &
    wait"; :'
pid=$(sed 's/ .*//' said)
same "below an ancestor that is not its parent" "\\_ ./tree" \
    "$("$pytrace" ps -p $running | sed -n "s/^ *$pid .* - *//p")"
kill "$pid"
wait $running
same "a process that is not there" \
    "pytrace ps: there is no process $pid: ps -e lists those there are
exit status 2" "$(list -p "$pid" | sed 's/ any more:/:/')"

# ---- terminals

cat > on_terminal.py << 'END'
"""Run a command on a terminal of so many columns, and print what it writes."""
import fcntl
import os
import pty
import struct
import sys
import termios

pid, terminal = pty.fork()
if pid == 0:
    size = struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0)
    fcntl.ioctl(1, termios.TIOCSWINSZ, size)
    os.execv(sys.argv[2], sys.argv[2:])
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if not part:
        break
    sys.stdout.buffer.write(part.replace(b"\r\n", b"\n"))
os.waitpid(pid, 0)
END
long=$(printf '%0500d' 7)
begin ./tree "$(printf 'a\033[2J\tb\nc')" "$long"
shown='./tree a\x1b[2J\x09b\x0ac'
same "no control character of a command line is printed" \
    "$(tree - "$shown $long")" "$(list -p $running)"
same "a terminal: no line is longer than it" "60 60 60 60" \
    "$(python3 -I on_terminal.py 60 "$pytrace" ps -p $running | sed 1d |
        $AWK '{ printf "%s%d", (NR > 1 ? " " : ""), length($0) }')"
"$pytrace" ps -p $running > whole
same "a terminal that is wide enough shows all of it" "$(cat whole)" \
    "$(python3 -I on_terminal.py 2000 "$pytrace" ps -p $running)"
end

# ---- JSON

cat > read.py << 'END'
"""Print the members of each line of JSON on the standard input."""
import json
import sys

for line in sys.stdin:
    process = json.loads(line)
    hosts = process.pop("hosts")
    print(json.dumps(process, sort_keys=True))
    for host in hosts:
        print(" ", json.dumps(host, sort_keys=True))
END
begin ./tree "$(printf 'a\033[2J"\303\251\377')"
same "JSON" "$(for process in "$running $$" "$first $running" "$child $first" \
    "$second $running"; do
    cat << END
{"command": "./tree a\\u001b[2J\\"\\u00e9\\ufffd", "parent": ${process#* },\
 "pid": ${process% *}, "user": "$user"}
  {"deleted": false, "file": "$work/tree", "kernel": false,\
 "markers": $markers, "provider": "$provider", "recorded": false,\
 "recorder": RECORDER}
END
done | sort)" "$("$pytrace" ps --json -p $running | python3 -I read.py |
    sed 's/\("recorder": \)[a-z]*/\1RECORDER/' | sort)"
same "JSON: whether the host has a recorder" \
    "$("$pytrace" check --json --except all tree | grep -o '"recorder": [a-z]*')" \
    "$("$pytrace" ps --json -p "$second" | python3 -I read.py |
        grep -o '"recorder": [a-z]*')"
end
LD_PRELOAD=$work/library.so begin ./tree
same "two hosts in a process: a row for each" \
    "$(row FIRST - ./tree)
$(row FIRST - ./tree)
$(row CHILD - '\_ ./tree')
$(row CHILD - '| ./tree')
$(row GRANDCHILD - '| \_ ./tree')
$(row GRANDCHILD - '| ./tree')
$(row SECOND - '\_ ./tree')
$(row SECOND - ./tree)" "$(list -p $running | sed 1d)"
same "JSON: two hosts in a process" "library.so tree" \
    "$("$pytrace" ps --json -p "$second" | python3 -I -c '
import json, os, sys
hosts = json.load(sys.stdin)["hosts"]
print(*sorted(os.path.basename(host["file"]) for host in hosts))')"
end
cp tree gone
begin ./gone
rm gone
same "a program whose file was deleted" "$(tree - ./gone)" "$(list -p $running)"
same "JSON: a program whose file was deleted" \
    "true $work/gone (deleted)" "$("$pytrace" ps --json -p "$second" |
        python3 -I -c '
import json, sys
host = json.load(sys.stdin)["hosts"][0]
print(str(host["deleted"]).lower(), host["file"])')"
end

# ---- tracers

# traced_by TEXT PID: the column, of the row of that process.
traced_by() {
    "$pytrace" ps -p "$2" 2> /dev/null | grep -q "^ *$2 .* $1 .*tree"
}

# As JSON, of all rows: by the kernel, by a recorder, by which.
by() {
    "$pytrace" ps --json -p $running | python3 -I -c '
import json, sys
for line in sys.stdin:
    host = json.loads(line)["hosts"][0]
    print(host["kernel"], host["recorded"], host.get("recorded_by"))' | sort -u
}
begin ./tree
if why=$(can_record); then
    "$pytrace" record -o first.rec -p $running 2> record.err &
    recorder=$!
    wait_until "$patience" traced_by recorder $running
    same "the recorder traces one of them, and is named" \
        "$(tree - ./tree | sed "s/\(FIRST.*\) - /\1 recorder $recorder /")" \
        "$(list -p $running)"
    same "JSON: the recorder traces one of them" "False False None
False True $recorder" "$(by)"
else
    recorder=
    skip "the recorder traces one of them" "$why"
fi
if why=$(can_trace); then
    bpftrace -e "BEGIN { printf(\"ready\\n\"); }
        usdt:$work/tree:$provider:function__entry { @++; }" > tracer 2>&1 &
    tracer=$!
    wait_until "$patience" traced_by kernel "$second"
    same "a tracer of the kernel traces all of them" \
        "$(tree kernel ./tree | sed "s/\(FIRST.*\) kernel /\1 kernel$([ -z \
            "$recorder" ] || echo ", recorder $recorder") /")" \
        "$(list -p $running)"
    sh "$srcdir/tests/tools/interrupt.sh" $tracer
    wait $tracer
else
    skip "a tracer of the kernel traces all of them" "$why"
fi
if [ -n "$recorder" ]; then
    kill -INT "$recorder"
    wait "$recorder"
fi
same "the tracers have gone" "$(tree - ./tree)" "$(list -p $running)"
same "JSON: the tracers have gone" "False False None" "$(by)"

# ---- users. Through a descriptor, as another may not reach this directory.

nobody() {
    setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}
if [ "$(id -u)" = 0 ] && have setpriv; then
    nobody /proc/self/fd/9 ps -p $running > out 2> err 9< "$pytrace"
    same "another user's processes: exit status 1, and a sentence" "1
pytrace ps: 4 processes of other users were not looked at: root sees them
pytrace ps: no process with markers was found: start one; pytrace check FILE\
 says whether a program has them, and docs/embedding.md how it gets them" \
        "$?
$(cat out err)"
    end
    exec 8< tree
    begin setpriv --reuid=65534 --regid=65534 --clear-groups /proc/self/fd/8
    exec 8<&-
    user=$(id -un 65534)
    nobody /proc/self/fd/9 ps -p $running > own 2> err 9< "$pytrace"
    same "one's own processes, as another user than root" \
        "$(list -p $running)" "$(sed -e "s/\<$running\>/FIRST/" \
            -e "s/\<$first\>/CHILD/; s/\<$child\>/GRANDCHILD/" \
            -e "s/\<$second\>/SECOND/; s/^ *//; s/  *\([^ ]\)/ \1/g" own err)"
    same "they are the user's" "$(tree - /proc/self/fd/8)" \
        "$(list -p $running)"
else
    skip "users" "this is not root, or there is no setpriv"
fi
end

# ---- the command line

see="; see pytrace ps --help
exit status 2"
for pid in 0 -1 1x "" 99999999999999999999; do
    same "no process is called '$pid'" \
        "pytrace ps: not the number of a process: $pid$see" "$(list -p "$pid")"
done
same "a process without -p" "pytrace ps: a process is named with -p: 1$see" \
    "$(list 1)"
same "an unknown option" "pytrace ps: this command line is wrong$see" \
    "$(list --nonsense | sed 1d)"
same "--help fits a screen" "yes" "$("$pytrace" ps --help |
    $AWK 'length($0) > 79 { wide = 1 }
        END { print (NR > 5 && NR < 24 && !wide) ? "yes" : "no" }')"
begin ./tree
same "output that cannot be written" \
    "pytrace ps: the standard output cannot be written 2" \
    "$("$pytrace" ps -p $running 2>&1 > /dev/full | paste -sd ' ' -) $(
        "$pytrace" ps --json -p $running > /dev/full 2>&1
        echo $?)"
end
finish
