#!/bin/sh
# SPDX-License-Identifier: MIT
# What docs/security.md claims: about memory, about what the library reads, and
# about who may trace. A check that looks for the absence of something is shown
# a file that has it first.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need "security" gcc readelf nm "$MAKE"
need_markers "security"
archive=$builddir/libpytrace.a
sources=$srcdir/tests/security
# A place that other users can look into.
open=$(mktemp -d) || exit 1
chmod 755 "$open"
waiting=
tracer=
leave() {
    [ -z "$waiting" ] || kill "$waiting" 2> /dev/null
    [ -z "$tracer" ] || kill "$tracer" 2> /dev/null
    rm -rf "$open"
}
trap leave EXIT
cd "$open" || exit 1

# build NAME FLAG...: the host.
build() {
    output_file=$1
    shift
    gcc -std=gnu11 -O2 -Wall -Wextra -Werror "-I$builddir/include" \
        -o "$output_file" "$sources/host.c" "$archive" "$@"
}
succeeds "the host builds with full RELRO" \
    build host -Wl,-z,relro,-z,now,-z,noexecstack
succeeds "the host builds without the library" \
    build without -DPYTRACE_WITHOUT_DTRACE
succeeds "the program that asks for probes builds" \
    gcc -std=gnu11 -O2 -Wall -Wextra -Wpedantic -Werror -o open_uprobe \
    "$sources/open_uprobe.c"

# ---- memory

# executable_stacks FILE: each object that asks for one, or does not say.
executable_stacks() {
    readelf -SW "$1" | awk '
        function judge() {
            if (objects > 0 && !said) print "object " objects " does not say"
        }
        /^There are / { judge(); objects++; said = 0 }
        / \.note\.GNU-stack / {
            said = 1
            if (/ X +[0-9]+ +[0-9]+ +[0-9]+$/) print "object " objects " asks"
        }
        END { judge(); if (objects == 0) print "nothing was read" }'
}
echo '.section .note.GNU-stack,"x",%progbits' | as -o stack.o -
echo '.text' | as -o silent.o -
same "an object that asks for an executable stack is seen" \
    "object 1 asks" "$(executable_stacks stack.o)"
same "an object that does not say is seen" \
    "object 1 does not say" "$(executable_stacks silent.o)"
same "no object of the library asks for an executable stack" "" \
    "$(executable_stacks "$archive")"

# writable_code FILE: segments, the stack's too, that can be both.
writable_code() {
    readelf -lW "$1" | awk '$2 ~ /^0x/ && / RWE / { print $1 }'
}
build executable -Wl,-z,execstack 2> /dev/null
same "a segment that is writable and executable is seen" "GNU_STACK" \
    "$(writable_code executable)"
same "no segment is writable and executable" "" "$(writable_code host)"

# text_relocations FILE: what has the dynamic linker write into the code.
text_relocations() {
    readelf -dW "$1" | grep -o TEXTREL | sort -u
}
echo '.text; .quad place; .data; place: .quad 0' | as -o text.o -
gcc -shared -Wl,-z,notext -o text.so text.o 2> /dev/null
same "code that the dynamic linker writes to is seen" "TEXTREL" \
    "$(text_relocations text.so)"
same "the dynamic linker writes to no code" "" "$(text_relocations host)"

# start OPTION...: a host that waits, run by "$@"; its process is $waiting.
start() {
    rm -f input said
    mkfifo input
    "$@" < input > said &
    waiting=$!
    exec 8> input
    wait_said said "$waiting" waits
}
stop() {
    exec 8>&-
    wait "$waiting"
    waiting=
}
# mapped PROGRAM: how many of its mappings are writable and executable.
mapped() {
    start "$1" wait
    awk '$2 ~ /^rwx/ { n++ }
        END { print n + 0 (NR > 5 ? "" : " of none") }' "/proc/$waiting/maps"
    stop
}
same "memory that is writable and executable is seen" "1" \
    "$(mapped ./executable)"
same "no memory of the process is writable and executable" "0" \
    "$(mapped ./host)"

full_relro() {
    readelf -lW "$1" | grep -q GNU_RELRO && readelf -dW "$1" |
        grep -q 'FLAGS.*NOW'
}
build lazy -Wl,-z,norelro,-z,lazy
refuses "a host without RELRO is seen" "" full_relro lazy
succeeds "a host with full RELRO is one" full_relro host
if [ -x "$pytrace" ]; then
    succeeds "full RELRO leaves the semaphores writable" \
        "$pytrace" check host
else
    skip "full RELRO leaves the semaphores writable" "there is no pytrace"
fi

# writable FILE: the sections with something in them that stay writable.
writable() {
    readelf -SW "$1" | sed 's/^ *\[ *[0-9]*\] //' | awk '
        $2 ~ /BITS$/ && $7 ~ /W/ && $5 !~ /^0+$/ && $1 !~ /^\.data\.rel\.ro/ {
            print $1
        }'
}
echo 'int counter = 1;' | gcc -x c -c -o counter.o -
same "data that stay writable are seen" ".data" "$(writable counter.o)"
recorder=yes
! grep -q 'with_recorder=no' "$builddir/config.log" || recorder=
same "the semaphores are all that stays writable, and the recorder's data" \
    "${recorder:+.bss .data }.probes${recorder:+ .tbss}" \
    "$(writable "$archive" | sort | paste -s -d ' ' -)"
if [ -n "$recorder" ]; then
    data=$(size -A "$archive" | awk '/^\.(data|bss|tbss) / { n += $2 }
        END { print n }')
    if [ "$data" -gt 0 ] && [ "$data" -le 512 ]; then
        pass "the recorder's data are no more than 512 bytes"
    else
        fail "the recorder's data are no more than 512 bytes" "$data"
    fi
fi
same "they begin a page, in a cache line of 64 bytes that is theirs" "000 40" \
    "$(readelf -SW host | sed -n 's/^ *\[ *[0-9]*\] \.probes //p' |
        awk '{ sub(/^0+/, "", $4); print substr($2, length($2) - 2), $4 }')"

# ---- what the library reads

# called FILE: the functions that it calls, other than those that the recorder
# needs while it records.
called() {
    for name in strcmp strlen ${recorder:+__errno_location clock_gettime \
        fcntl fstat getpid getrlimit madvise memcmp memcpy mmap munmap \
        sigaltstack syscall __tls_get_addr}; do
        echo "$name"
    done > known
    nm -u "$1" | awk 'NF == 2 && $2 != "_GLOBAL_OFFSET_TABLE_" { print $2 }' |
        sort -u | grep -v -x -F -f known
}
echo 'extern int open(const char *, int); int f(void) { return open("", 0); }' |
    gcc -x c -c -o calls.o -
same "a call is seen" open "$(called calls.o)"
same "the library calls strcmp and strlen, the recorder 13 more, none of which\
 opens a file" "" "$(called "$archive")"
if have strace; then
    # calls COMMAND...: the system calls, without numbers that differ by chance.
    calls() {
        strace -o calls "$@" 2> errors > printed &&
            sed -e 's/(.*//' calls
    }
    same "with a tracer, too, no system call is the library's" \
        "$(calls ./without armed)" "$(calls ./host armed)"
    same "nor with the recorder's bits in the semaphores, but no request" \
        "$(calls ./without armed)" "$(calls ./host marked)"
    # (It notices: a host that waits also writes and reads.)
    if [ "$(calls ./without armed)" = "$(calls ./host wait < /dev/null)" ]
    then
        fail "system calls are noticed"
    else
        pass "system calls are noticed"
    fi
    # What a recorded host does in addition, each call once.
    recorded_calls() {
        start strace -o calls ./host wait
        traced=$(child_of "$waiting")
        "$builddir/pytrace" record -o "$1" -p "$traced" 8>&- 2> errors &
        tracer=$!
        wait_until "$patience" is_recorded "$traced"
        stop
        wait $tracer
        tracer=
        sed -e '1,/"waits/d' -e 's/(.*//' calls | sort -u
    }
    is_recorded() {
        [ "$(sh "$srcdir/tests/tools/semaphores.sh" ./host "$1")" -ge 16384 ]
    }
    if [ -n "$recorder" ] && [ -x "$builddir/pytrace" ]; then
        calls ./host wait < /dev/null > /dev/null
        sed -e '1,/"waits/d' -e 's/(.*//' calls | sort -u > unrecorded
        recorded_calls recording > recorded
        same "a recorded host makes its shared memory, and opens and reads\
 nothing" "close fcntl getpid gettid madvise memfd_create mmap nanosleep\
 prlimit64" \
            "$(grep -v -x -F -f unrecorded recorded | paste -s -d ' ' -)"
        same "a recording is its owner's alone" "-rw-------" \
            "$(stat -c %A recording)"
    else
        skip "what a recorded host does" "there is no recorder, or no pytrace"
    fi
else
    skip "no system call is the library's" "there is no strace"
fi

# ---- without the markers

# probe_sections FILE: those of notes and semaphores.
probe_sections() {
    readelf -SW "$1" | grep -o -e '\.probes' -e '\.note\.stapsdt' | sort
}
same "notes and semaphores are seen" ".note.stapsdt
.probes" "$(probe_sections host)"
same "without the library a program has neither" "" "$(probe_sections without)"

# ---- who may trace

sites=$(sh "$srcdir/tests/tools/sites.sh" --offsets host)
site=$(echo "$sites" | awk '$1 == "audit" { print $2 }')
semaphore=$(echo "$sites" | awk '$1 == "audit" { print $3 }')

if [ "$(id -u)" != 0 ] || ! have setpriv; then
    skip "who may trace" "this needs root, and setpriv, to be others"
    finish
fi
# nobody CAPABILITIES COMMAND...: as another user, who has these ("+bpf"). In
# the same process, which is why it is no function.
cat > nobody << 'END'
#!/bin/sh
capabilities=$1
shift
exec setpriv --reuid=65534 --regid=65534 --clear-groups \
    ${capabilities:+--inh-caps="$capabilities"} \
    ${capabilities:+--ambient-caps="$capabilities"} "$@"
END
chmod +x nobody

# by_tracefs COMMAND...: run it with tracefs, in a mount namespace, as
# it may not be mounted here.
events=/sys/kernel/tracing/uprobe_events
by_tracefs() {
    unshare -m sh -c 'mountpoint -q "$0" || mount -t tracefs tracefs "$0"
        "$@"' "${events%/*}" "$@"
}

# The first word: a perf event; the second: a BPF program.
if why=$(can_trace) && [ "$(./open_uprobe ./host "$site" "$semaphore")" = \
    "opened opened" ]; then
    pass "root may set probes, in both ways"
    for cell in "|refused refused" "+sys_ptrace|refused refused" \
        "+bpf|refused refused" "+bpf,+perfmon|refused opened" \
        "+sys_admin|opened opened"; do
        capabilities=${cell%%|*}
        same "another user, with ${capabilities:-no capability}" \
            "${cell#*|}" "$(./nobody "$capabilities" \
                ./open_uprobe ./host "$site" "$semaphore")"
    done
    group=security$$
    echo "p:$group/audit $open/host:$site($semaphore)" > definition
    echo "-:$group/audit" > removal
    append="cat definition >> $events"
    refuses "tracefs: another user may not, with CAP_SYS_ADMIN neither" \
        "Permission denied" by_tracefs ./nobody +sys_admin sh -c "$append"
    succeeds "tracefs: root may, without any capability" \
        by_tracefs setpriv --bounding-set=-all --inh-caps=-all \
        sh -c "$append && grep -q $group $events"
    by_tracefs sh -c "cat removal >> $events"
    if ./nobody "" unshare -Ur true 2> /dev/null; then
        same "root of a user namespace of its own, as in a container" \
            "refused refused" "$(./nobody "" unshare -Ur ./open_uprobe ./host \
                "$site" "$semaphore")"
    else
        skip "root of a user namespace" "this system has none for users"
    fi
    start ./nobody "" ./host wait
    same "another user may not in a process of its own" "refused refused" \
        "$(./nobody "" ./open_uprobe ./host "$site" "$semaphore" "$waiting")"
    stop
else
    skip "who may set probes" "${why:-the kernel is older than Linux 6.6}"
fi

if have gdb; then
    # debugged PROCESS COMMAND...: whether gdb, run so, reads its registers.
    debugged() {
        process=$1
        shift
        came=$("$@" gdb -q -batch -nx -ex 'set debuginfod enabled off' \
            -p "$process" -ex 'printf "attached at %p\n", $pc' 2>&1)
        case $came in
        *'attached at 0x'*) echo attached ;;
        *'ptrace: Operation not permitted'*) echo refused ;;
        *) echo "$came" ;;
        esac
    }
    scope=$(cat /proc/sys/kernel/yama/ptrace_scope 2> /dev/null || echo 0)
    start ./host wait
    same "root's process: root may debug it" attached \
        "$(debugged "$waiting" env)"
    same "root's process: another user may not" refused \
        "$(debugged "$waiting" ./nobody "")"
    same "root's process: another user with CAP_SYS_PTRACE may" \
        "$([ "$scope" = 3 ] && echo refused || echo attached)" \
        "$(debugged "$waiting" ./nobody +sys_ptrace)"
    refuses "root's process: another user may not read its semaphores" \
        "Permission denied" ./nobody "" head -c 1 "/proc/$waiting/mem"
    stop
    start ./nobody "" ./host wait
    same "a user's process: that user may, where ptrace_scope is 0" \
        "$([ "$scope" = 0 ] && echo attached || echo refused)" \
        "$(debugged "$waiting" ./nobody "")"
    stop
    start ./nobody "" ./host undumpable
    same "a process that is not dumpable: not even its own user" refused \
        "$(debugged "$waiting" ./nobody "")"
    stop
else
    skip "who may debug" "there is no gdb"
fi

if [ -n "$recorder" ] && [ -x "$builddir/pytrace" ]; then
    cp "$builddir/pytrace" pytrace
    # may_record PROCESS COMMAND...: whether pytrace, run so, records it.
    may_record() {
        process=$1
        shift
        if "$@" ./pytrace record -d 0.01 -o - -p "$process" > /dev/null \
            2> errors; then
            echo records
        elif grep -q 'is of another user\|kernel lets only root\|Yama' errors
        then
            echo refused
        else
            cat errors
        fi
    }
    scope=$(cat /proc/sys/kernel/yama/ptrace_scope 2> /dev/null || echo 0)
    start ./host wait
    same "root's process: root may record it" \
        "$([ "$scope" = 3 ] && echo refused || echo records)" \
        "$(may_record "$waiting" env)"
    same "root's process: another user may not record it" refused \
        "$(may_record "$waiting" ./nobody "")"
    # (The process's memory is a file of its owner's.)
    same "root's process: another user with CAP_SYS_PTRACE may not" refused \
        "$(may_record "$waiting" ./nobody +sys_ptrace)"
    same "root's process: with CAP_DAC_OVERRIDE, too, another user may" \
        "$([ "$scope" = 3 ] && echo refused || echo records)" \
        "$(may_record "$waiting" ./nobody +sys_ptrace,+dac_override)"
    refuses "root's process: another user may not write a semaphore's bit" \
        "Permission denied" ./nobody "" \
        dd if=/dev/null of="/proc/$waiting/mem" conv=notrunc
    stop
    start ./nobody "" ./host wait
    same "a user's process: that user may record it, where ptrace_scope is 0" \
        "$([ "$scope" = 0 ] && echo records || echo refused)" \
        "$(may_record "$waiting" ./nobody "")"
    stop
    start ./nobody "" ./host undumpable
    same "a process that is not dumpable: its own user may not record it" \
        refused "$(may_record "$waiting" ./nobody "")"
    stop
else
    skip "who may record" "there is no recorder, or no pytrace"
fi

if have bpftrace && have perf; then
    refuses "bpftrace asks for root" "root" ./nobody "" \
        bpftrace -e "usdt:$open/host:python:audit { exit(); }"
    refuses "perf may not read the events, which are in tracefs" \
        "No permissions to read\|Permission denied\|can't access" \
        by_tracefs ./nobody "" perf stat -e sdt_python:audit true
else
    skip "bpftrace and perf as another user" "one of them is missing"
fi

# ---- what every user sees

same "a user who can read the file can read the markers' names" "8" \
    "$(./nobody "" readelf -nW "$open/host" | grep -c 'Provider: python')"
chmod 711 host
refuses "where the file cannot be read, not even these" \
    "not readable\|Permission denied" \
    ./nobody "" readelf -nW "$open/host"
if why=$(can_trace); then
    : > counted
    env --default-signal=INT bpftrace -q -e "usdt:$open/host:python:audit {
            @[str(arg0)] = count(); }
        interval:ms:50 { printf(\"ready\n\"); }" > counted 2> errors &
    tracer=$!
    wait_said counted $tracer
    ./nobody "" unshare -Urpf ./host
    ./nobody "" ./host undumpable < /dev/null > said
    kill -INT $tracer
    wait $tracer
    tracer=
    same "root sees what any process does, also in other namespaces, and \
where it is not dumpable" "@[event]: 2" "$(grep '^@' counted)"
else
    skip "what root sees" "$why"
fi
finish
