#!/bin/sh
# SPDX-License-Identifier: MIT
# gdb's Python commands (CPython's Tools/gdb/libpython.py) see the frames of the
# evaluation loop with markers, each once.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_cpython "gdb's Python commands"
need_tracing "gdb's Python commands"
need "gdb's Python commands" gdb

# A copy of its own: a tracer sees every process that runs the same file. The
# one that is linked with the library has debug information for the loops.
hosts=$cpython_host
mkdir "$work/bin"
cp "$shared_cpython" "$libcpython" "$hosts/shared/pybuilddir.txt" "$work/bin"
ln -s "$hosts/src" "$work/src"
ln -s "$hosts/shared/build" "$work/bin/build"
cat > "$work/program.py" << 'END'
import functools
import os

def waits(x, y):
    open("at work", "w").close()
    os.read(0, 1)
    return x

def calls():
    return functools.reduce(waits, [1, 2])

def numbers():
    yield calls()

class C:
    def __init__(self):
        list(numbers())

C()
END

is_at_work() {
    [ -e "$work/at work" ] || has_ended "$1"
}

# frames: what py-bt shows of the program, which waits for its input.
frames() {
    rm -f "$work/input" "$work/at work"
    mkfifo "$work/input"
    (
        cd "$work" || exit 1
        LD_LIBRARY_PATH=$work/bin exec bin/python -I -S program.py < input
    ) > "$work/printed" 2>&1 &
    pid=$!
    exec 9> "$work/input"
    wait_until "$patience" is_at_work $pid
    gdb -q -batch -iex "set auto-load python-scripts off" -p $pid \
        -ex "source $hosts/src/Tools/gdb/libpython.py" -ex py-bt \
        2> "$work/errors" |
        sed -n 's/.*File ".*program\.py", line \([0-9]*\), in \(.*\)/\2 \1/p'
    exec 9>&-
    wait $pid
}

expected="waits 6
calls 10
numbers 13
__init__ 17
<module> 19"
cat > "$work/script.bt" << END
usdt:$work/bin/$(basename "$libcpython"):python:function__entry { @ = count(); }
interval:ms:20 { printf("ready\n"); }
END
: > "$work/traced"
bpftrace -q "$work/script.bt" > "$work/traced" 2> "$work/complaints" &
tracer=$!
wait_said "$work/traced" $tracer
same "py-bt while functions are traced" "$expected" "$(frames)"
sh "$srcdir/tests/tools/interrupt.sh" $tracer
wait $tracer
finish
