# SPDX-License-Identifier: MIT
# tracers.sh - of the matrix, a cell's host untraced, under gdb, here or on an
# emulated processor, and under bpftrace. matrix.sh sources it.
#
# shellcheck shell=sh disable=SC2154 # (its variables are matrix.sh's)

# The image that has the markers.
image() {
    if [ "$kind" = shared ]; then
        echo "$PWD/libhost.so"
    else
        echo "$PWD/host"
    fi
}

# Whether this machine runs the cell's programs itself.
is_native() {
    [ "$processor" = x86_64 ] || [ "$processor" = i386 ]
}

# emulate: run the host on its processor.
emulate() {
    timeout 300 "qemu-$processor-static" -L "/usr/$triplet" "$PWD/host"
}

# What a debugger does: stop at each audit event, say its first argument.
cat > commands.gdb <<'END'
set debuginfod enabled off
set may-call-functions off
set pagination off
set breakpoint pending on
END
# events ARGUMENT: the commands.
events() {
    cat <<END
break -probe-stap python:audit
commands
silent
printf "event %s\n", (char *)\$$1
continue
end
END
}
events _probe_arg0 > events.gdb
# gdb 13 reads no operand on RISC-V; that register is what the operand says.
events a0 > events-riscv64.gdb

under_gdb() {
    if [ "$kind" = shared ]; then
        set -- -ex 'catch load libhost' -ex run -x ../events.gdb -ex continue
    else
        set -- -x ../events.gdb -ex run
    fi
    timeout 300 gdb -q -batch -nx -x ../commands.gdb "$@" ./host 2> gdb-errors |
        grep -e '^event' -e evaluated
}

# The same, by way of the emulator's own debugging stub.
under_emulated_gdb() {
    events=../events-$processor.gdb
    [ -f "$events" ] || events=../events.gdb
    rm -f stub
    # (No function, so that what is killed below is the emulator itself.)
    "qemu-$processor-static" -L "/usr/$triplet" -g "$PWD/stub" "$PWD/host" \
        > printed 2>&1 &
    emulator=$!
    wait_until "$patience" test -S stub
    if [ "$kind" = shared ]; then
        set -- -ex 'break main' -ex continue -x "$events" -ex continue
    else
        set -- -x "$events" -ex continue
    fi
    timeout 300 gdb-multiarch -q -batch -nx -x ../commands.gdb \
        -ex "set sysroot /usr/$triplet" -ex "file $PWD/host" \
        -ex "target remote $PWD/stub" "$@" \
        2> gdb-errors | grep -e '^event'
    kill $emulator 2> /dev/null
    wait $emulator 2> /dev/null
    grep evaluated printed
}

# What the kernel counts. (The timer is attached last; when it speaks, all is.
# bpftrace does not find a library of a program that it starts itself.)
under_bpftrace() {
    : > counted
    timeout 300 env --default-signal=INT bpftrace -q -e "
        usdt:$(image):python:audit { @[str(arg0)] = count(); }
        interval:ms:50 { printf(\"ready\n\"); }" > counted 2> complaints &
    tracer=$!
    wait_said counted $tracer
    ./host
    kill -INT $tracer
    wait $tracer
    grep '^@' counted || cat complaints
}
