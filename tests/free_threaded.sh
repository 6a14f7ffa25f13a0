#!/bin/sh
# SPDX-License-Identifier: MIT
# The module for a stock CPython, under one without the GIL: it is built for it,
# threads that run at the same time nest, and tracers come and go. Debian has no
# such interpreter: make check-ports PORTS=cpython-free-threaded builds it.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_recorder "CPython without the GIL"
python=$builddir/hosts/cpython-free-threaded/python
[ -x "$python" ] || {
    skip_extra "CPython without the GIL" \
        "it is not built; make check-ports PORTS=cpython-free-threaded does"
    finish
}
programs=$srcdir/tests/stock

build_module() {
    "$MAKE" -C "$builddir" frames-bundle/pytrace_probes.c &&
        PYTHON=$python VERSION=1 sh "$srcdir/ports/stock-cpython/build.sh" \
            "$builddir/frames-bundle" "$work/module"
}
succeeds "the module compiles" build_module
[ $failures = 0 ] || finish
PYTHONPATH=$work/module
export PYTHONPATH
cd "$work" || exit 1

"$python" -B -m pytrace "$programs/parallel.py" 10 > out 2>&1
same "the interpreter stays without the GIL" "ready
without the GIL" "$(cat out)"

# Each of four threads: of 1,000 numbers(), each comes four times, and 3,000
# middle() call leaf().
"$pytrace" record --full block -o whole.rec -- \
    "$python" -B -m pytrace "$programs/parallel.py" 1000 > out 2> err
"$pytrace" time --limit 0 whole.rec > "times" 2>> err
same "functions of four threads are counted" "16,000 numbers
12,000 leaf
12,000 middle
4 work" "$(sed -n 's/^ *\([0-9,]*\) .* \([a-z]*\) (.*parallel\.py:[1-9].*/\1 \2/p' \
        times | sort -t, -k 1,1nr -k 2,2)"
succeeds "and nest" "$pytrace" verify whole.rec

# ---- in mid-run, tracers come and go

mkfifo input
"$python" -B -m pytrace "$programs/parallel.py" 0 < input > said 2> errors &
running=$!
exec 5> input
wait_said said $running
wrong=
for i in $(seq 20); do
    # (On a busy machine nothing may be on yet; the last events may be lost.)
    timeout 60 "$pytrace" record --full block -p $running -d 0.05 \
        -o part.rec 2> err
    grep -q '^pytrace: recorded ' err || wrong="$wrong$i: $(cat err); "
done
same "tracers come and go" "" "$wrong"
# (When the recorder goes it lowers one semaphore after the other.)
for try in 1 2 3 4 5; do
    timeout 60 "$pytrace" record --full block -p $running -d 1 \
        -o part.rec 2> err
    "$pytrace" verify part.rec > verified 2>&1
    verified="$? $(grep -o 'of [45] threads' err)"
    [ "${verified%[45]*}" != "0 of " ] || break
done
same "in mid-run: entries and returns of all threads nest (try $try)" \
    "0 of " "${verified%[45]*}"
if why=$(can_trace); then
    module=$(find "$work/module/pytrace" -name '_pytrace.*.so')
    timeout 100 bpftrace -p $running -e "
        usdt:$module:python:function__entry { @entered[tid] = count(); }
        usdt:$module:python:function__return { @left[tid] = count(); }
        interval:s:4 { exit(); }" > counted 2>&1
    same "a tracer of the kernel sees four threads" "4 4" \
        "$(grep -c '@entered\[' counted) $(grep -c '@left\[' counted)"
else
    skip_extra "a tracer of the kernel sees four threads" "$why"
fi
exec 5>&-
wait $running
same "the program ends well" "0 without the GIL" "$? $(tail -n 1 said)"
same "and writes nothing" "" "$(cat errors)"

# ---- install() and remove()

timeout 100 "$python" -B -W error "$programs/installs.py" > out 2>&1
same "threads install and remove at the same time" \
    "after install() and remove(): 1
after forks: 1" "$(cat out)"

# ---- a module that is not for it

cp -R "$work/module/pytrace" "$work/other" && mkdir "$work/none" &&
    mv "$work/other" "$work/none/pytrace"
rm "$work"/none/pytrace/_pytrace.*.so
PYTHONPATH=$work/none "$python" -B -c 'import pytrace' > out 2>&1
same "where the module is for others, a sentence says so" \
    "ImportError: pytrace was not built for a CPython without the GIL: build it \
by this one" "$(tail -n 1 out)"
finish
