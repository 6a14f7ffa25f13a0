#!/bin/sh
# SPDX-License-Identifier: MIT
# scripts/agents: the program for ebpf_exporter counts what a program does, by
# the library by which ebpf_exporter loads it; the gadget compiles; what the
# other files name is there. (tests/pcp.sh runs those for PCP.)
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_lua "agents"
need_recorder "agents"
agents=$srcdir/scripts/agents
# A copy of its own: the kernel's tracers see every process of a file.
python=$work/python
cp "$builddir/hosts/python/python" "$python"
cd "$work" || exit 1

# ---- what the files name

need "agents" python3 readelf
if ! /usr/bin/python3 -c 'import yaml' 2> /dev/null; then
    skip "agents" "there is no python3-yaml"
    finish
fi
sh "$srcdir/tests/tools/sites.sh" "$python" |
    awk '{
        line = $1 " " $2
        for (field = 5; field <= NF; field++)
            line = line " " $field
        print line
    }' > notes
build_object() {
    clang -g -O2 -Wall -target bpf -D__TARGET_ARCH_x86 -I. \
        "-I/usr/include/$(${CC:-gcc} -dumpmachine)" "$@"
}
why=
for program in clang bpftool; do
    have $program || why="there is no $program"
done
[ -f /usr/include/bpf/libbpf.h ] || why="there is no libbpf-dev"
[ -f /sys/kernel/btf/vmlinux ] || why="this kernel has no BTF"
[ "$(uname -m)" = x86_64 ] || why="they were tried on x86-64"
if [ -n "$why" ]; then
    skip "agents that are programs" "$why"
    finish
fi
bpftool btf dump file /sys/kernel/btf/vmlinux format c > vmlinux.h
sed "s|/usr/bin/python3|$python|" "$agents/ebpf_exporter/pytrace.bpf.c" \
    > pytrace.bpf.c
succeeds "ebpf_exporter: the program compiles" \
    build_object -Werror -c pytrace.bpf.c -o pytrace.bpf.o
mkdir gadget
for header in buffer common macros types usdt_argument; do
    cp "$srcdir/tests/agents/gadget/stub.h" gadget/$header.h
done
succeeds "Inspektor Gadget: the gadget compiles" build_object -Werror \
    -c "$agents/inspektor-gadget/program.bpf.c" -o gadget.o
succeeds "what attaches it as ebpf_exporter does compiles" \
    "${CC:-gcc}" -std=c11 -D_GNU_SOURCE -Wall -Wextra -Wpedantic -Werror \
    -o load "$srcdir/tests/agents/load.c" -lbpf
need_tracing "agents, attached"

# ---- ebpf_exporter's program, by libbpf

# run_loaded: the program runs while the object is attached.
run_loaded() {
    mkfifo hold
    ./load pytrace.bpf.o < hold > counted 2> load.log &
    loader=$!
    exec 3> hold
    wait_said counted $loader || return 1
    "$python" "$srcdir/tests/agents/program.lua" < /dev/null > said || return 1
    exec 3>&-
    wait $loader
}
if ! run_loaded; then
    fail "ebpf_exporter: libbpf attaches the program" "$(cat load.log)"
    finish
fi
pass "ebpf_exporter: libbpf attaches the program"
same "ebpf_exporter: each import is counted" 'python_imports_total "absent1" 1
python_imports_total "absent2" 1
python_imports_total "absent3" 1' "$(grep '^python_imports' counted | sort)"
"$pytrace" record -o recorded -- "$python" "$srcdir/tests/agents/program.lua" \
    < /dev/null > said 2>&1
# (Bucket 25 has the sum. Lua's own first ones are of generation 1.)
same "ebpf_exporter: each collection is in one bucket" "25 of 0, some of 1" \
    "$(awk '$1 == "python_gc_pause_seconds" && $3 < 25 { count[$2] += $4 }
        END { print count[0] + 0 " of 0, " (count[1] ? "some" : "none") \
            " of 1" }' counted)"
sed -n 's/^key //p' counted > maps
same "the files name markers, arguments and maps that are there" "" \
    "$(/usr/bin/python3 "$srcdir/tests/agents/check.py" notes maps \
        "$agents"/*/*.yaml 2>&1)"

# ---- what profiler.yaml says: the function is called while a marker is traced

# calls_seen SCRIPT: how often the function is called while that is attached,
# too.
calls_seen() {
    {
        echo "uprobe:$python:pytrace__fire_gc_done { @calls = count(); }"
        echo "$1"
        # (Not "0 calls" because nothing was attached.)
        echo "uprobe:$python:main { @mains = count(); }"
        printf '%s\n' 'interval:ms:20 { printf("ready\n"); }'
    } > calls.bt
    bpftrace -q calls.bt > calls 2> calls.log &
    tracer=$!
    wait_said calls $tracer || return 1
    "$python" "$srcdir/tests/agents/program.lua" < /dev/null > said
    sh "$srcdir/tests/tools/interrupt.sh" $tracer
    wait $tracer
    sed -n 's/^@\(calls\|mains\): /\1 /p' calls | sort
}
same "the marker's function is not called while no tracer is attached" \
    "calls 0
mains 1" "$(calls_seen '')"
collections=$("$pytrace" print recorded | grep -c ' gc__done ')
same "the marker's function is called while another tracer is" \
    "calls $collections
mains 1" "$(calls_seen "usdt:$python:python:gc__done { @seen = count(); }")"
finish
