#!/bin/sh
# SPDX-License-Identifier: MIT
# The module for a CPython as it is (ports/stock-cpython), under Debian's own
# interpreters. PYTRACE_PYTHONS is where their root file system is kept,
# build/pythons unless given. To run some parts only:
#   make check TESTS=tests/stock_cpython.sh CASES='live settrace...'
# To run them under some versions only: VERSIONS='3.14'.
# shellcheck disable=SC2086 # (lists of programs and of markers)
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"
# shellcheck source=SCRIPTDIR/tools/cases.sh
. "$srcdir/tests/tools/cases.sh"

need_recorder "the module for a stock CPython"
need_pythons "the module for a stock CPython"
sed 's/^/# version: /' "$pythons/versions"
root=$pythons/root
module=$builddir/ports/stock-cpython
tests=$srcdir/tests/stock
export srcdir builddir

# One binary, for the limited API, by the headers of the oldest.
build_module() {
    mkdir -p "$work/include/x86_64-linux-gnu"
    ln -sfn "$root/usr/include/x86_64-linux-gnu/python3.13" \
        "$work/include/x86_64-linux-gnu/python3.13"
    PYTHON_CPPFLAGS="-I$root/usr/include/python3.13 -I$work/include" \
        flock "$pythons/lock" $MAKE -C "$builddir" stock-cpython
}
succeeds "the module compiles" build_module
succeeds "its markers are well" \
    "$pytrace" check "$module/pytrace/_pytrace.abi3.so"

versions=${VERSIONS:-3.13 3.14 3.15}
# As those of tests/cpython_settrace.sh, and fewer.
programs=${SETTRACED:-"test_asyncgen.AsyncGenTest test_except_star
    test_generators.ExceptionTest test_generators.GeneratorThrowTest
    test_genexps test_listcomps test_named_expressions test_raise"}

# python_in DIRECTORY VERSION: DIRECTORY/python, which runs a program with the
# module, DIRECTORY/plain, without it; and a copy of the module, as a tracer
# sees every process that has the same file.
python_in() {
    mkdir -p "$1"
    cp "$module"/pytrace/* "$1"
    ln -sfn . "$1/pytrace"
    cat > "$1/python" << END
#!/bin/sh
[ "\$1" != -I ] || shift 2
here=\$(cd "\$(dirname "\$0")" && pwd)
ln -sfn . "\$here/pytrace"
PYTHONPATH="\$here\${PYTHONPATH:+:\$PYTHONPATH}"
export PYTHONPATH
exec sh "$srcdir/tests/tools/in_root.sh" "$root" /usr/bin/python$2 \\
    -S -s -P -m pytrace "\$@"
END
    cat > "$1/plain" << END
#!/bin/sh
[ "\$1" != -I ] || shift 2
PYTHONPATH="$work/without\${PYTHONPATH:+:\$PYTHONPATH}"
export PYTHONPATH
exec sh "$srcdir/tests/tools/in_root.sh" "$root" /usr/bin/python$2 \\
    -S -s -P -m pytrace "\$@"
END
    # A program of tests/stock, which can import the module.
    cat > "$1/run" << END
#!/bin/sh
PYTHONPATH="$1"
export PYTHONPATH
cd "$tests" || exit 1
exec sh "$srcdir/tests/tools/in_root.sh" "$root" /usr/bin/python$2 \\
    -S -s -P "\$@"
END
    chmod +x "$1/python" "$1/plain" "$1/run"
}
# The same frames below the program, the same modules, and no markers.
mkdir -p "$work/without/pytrace"
cp "$srcdir/ports/stock-cpython/pytrace/__main__.py" "$work/without/pytrace"
cat > "$work/without/pytrace/_pytrace.py" << END
import atexit, gc
def install(): pass
def _await_recorder(): pass
END
echo 'from ._pytrace import install' > "$work/without/pytrace/__init__.py"

image_in() {
    echo "$1/_pytrace.abi3.so"
}

# ---- live: the live cases of the patched port

# staged NAME: $here/cases/NAME.py, with its script and what is expected. What
# differs from the patched port's is in tests/stock/live: NAME.sed changes the
# program, NAME.expected.sed what is expected; a script of the same name, or a
# NAME.expected, is in the place of the other; each for all versions or, with
# "-VERSION" behind its name, for one. Where sys.settrace() can say what is
# expected, it does, under the same interpreter.
staged() {
    own=$tests/live
    cp "$srcdir"/tests/live/cpython/*.bt "$here/cases"
    cp "$own"/*.bt "$here/cases"
    cp -R "$srcdir/tests/live/cpython/imports" "$here/cases"
    for file in $1.py $1.expected; do
        cp "$srcdir/tests/live/cpython/$file" "$here/cases"
    done
    for file in "$own/$1.bt-$version" "$own/$1.expected" \
        "$own/$1.expected-$version"; do
        [ ! -f "$file" ] ||
            cp "$file" "$here/cases/$(basename "${file%-"$version"}")"
    done
    sed_if_there "$own/$1.sed" "$1.py"
    sed_if_there "$own/$1.sed-$version" "$1.py"
    sed_if_there "$own/$1.expected.sed" "$1.expected"
    sed_if_there "$own/$1.expected.sed-$version" "$1.expected"
    case $1 in
    calls | coroutines | exceptions | finalizers | generators) kind=calls ;;
    lines) kind=lines ;;
    *) return ;;
    esac
    "$here/run" settraced.py $kind "$here/cases/$1.expected" \
        < "$here/cases/$1.py" > "$here/settraced" 2>&1
}

sed_if_there() {
    [ -f "$1" ] || return 0
    sed -f "$1" "$here/cases/$2" > "$here/staged"
    mv "$here/staged" "$here/cases/$2"
}

live() {
    choose_tracers "live cases, $version"
    # bpftrace's part of the way is the same for all.
    [ $version = 3.14 ] || tracers=recorder
    mkdir -p "$here/cases"
    for case in "$srcdir"/tests/live/cpython/*.py; do
        case=$(basename "$case" .py)
        CASES=${LIVE:-} chosen "$case" || continue
        staged "$case"
        live_case "$here/cases/$case.py" "$here/plain" "$(image_in "$here")"
    done
}

# ---- settrace: the comparison of the patched port, with fewer programs

settrace_compared() {
    traced_python=$here/python plain_python=$here/plain
    image=$(image_in "$here")
    # shellcheck source=SCRIPTDIR/cpython/comparing.sh
    . "$srcdir/tests/cpython/comparing.sh"
    PYTHONPATH=/usr/lib/python$version:/usr/lib/python$version/lib-dynload
    PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1
    export PYTHONPATH PYTHONHASHSEED PYTHONDONTWRITEBYTECODE
    cd "$here" || exit 1
    settrace all $programs
    recorded compare $programs
    same_events all "$programs" \
        "$version, recorded: markers are the events of sys.settrace()"
    if [ $version = 3.14 ] && can_trace > /dev/null; then
        counted compare $programs
        same_events all "$programs" \
            "$version, counted: markers are the events of sys.settrace()"
    fi
    unset PYTHONPATH PYTHONHASHSEED PYTHONDONTWRITEBYTECODE
    cd "$work" || exit 1
}

# ---- frames: their addresses, and which coroutine it is

frames() {
    "$pytrace" record --full block --marker function__entry \
        --marker function__return -o "$here/tasks" -- "$here/python" \
        "$srcdir/tests/coroutines/tasks.py" > "$here/said" 2>&1
    "$pytrace" print "$here/tasks" > "$here/printed"
    # (The frames that ran before have no entry.)
    same "$version, a return has the frame of its entry" "20 5 0" "$($AWK '
        !match($0, / frameptr=0x[0-9a-f]+/) { if (/^ /) wrong++; next }
        { frame = substr($0, RSTART, RLENGTH) }
        $3 == "function__entry" { stack[++depth] = frame }
        $3 == "function__return" && depth > 0 && stack[depth--] != frame {
            wrong++
        }
        $3 == "function__entry" && /"handler"/ && ++entries &&
            !(frame in seen) { seen[frame]; frames++ }
        END { print entries + 0, frames + 0, wrong + 0 }' "$here/printed")"
    same "$version, calls: each coroutine, and what it calls" \
        "20 handler 30 fetch 15 work" "$("$pytrace" calls --below handler \
            --least 0 "$here/tasks" 2> "$here/errors" | $AWK '
        /, coroutine handler/ { inside = 1; next }
        !NF { inside = 0 }
        inside && $8 ~ /^(handler|fetch|work)$/ { print $7, $8 }' |
            paste -s -d ' ' -)"
    "$pytrace" print -o "$here/tasks.json" "$here/tasks" 2> "$here/errors"
    same "$version, Trace Event: a track for each task" 5 "$(grep -c \
        '"thread_name","args":{"name":"coroutine [0-9]*: handler (' \
        "$here/tasks.json")"
}

# ---- arguments: those of audit events

arguments() {
    "$pytrace" record --full block -o "$here/audit" -- "$here/python" \
        "$srcdir/tests/cpython/audit.py" > "$here/expected" 2> "$here/errors"
    same "$version, audit events: nothing has changed for the program" "" \
        "$(grep -v '^pytrace: recorded' "$here/errors")"
    "$pytrace" audit --json --limit 0 "$here/audit" > "$here/audit.json"
    same "$version, audit events: the arguments of each kind" \
        "$(cat "$here/expected")" \
        "$("$here/plain" "$srcdir/tests/cpython/audit.py" "$here/audit.json")"
}

# ---- midrun: a tracer comes to a program that works, and goes again

# ask_server WORD: whether it says so, before long.
server_says() {
    echo >&3
    read -r said <&4 && [ "$said" = "$1" ]
}

# start_server: a program that works; said is its first line.
start_server() {
    rm -f "$here/in" "$here/out"
    mkfifo "$here/in" "$here/out"
    # (With the JIT, where there is one.)
    PYTHON_JIT=1 "$here/run" serve.py < "$here/in" > "$here/out" \
        2> "$here/server.errors" &
    server=$!
    exec 3> "$here/in" 4< "$here/out"
    read -r said <&4
}

# end_server: it says that nothing is on, and ends.
end_server() {
    if wait_until $patience server_says off; then
        pass "$version, $1 gone: nothing is on"
    else
        fail "$version, $1 gone: nothing is on"
    fi
    exec 3>&- 4<&-
    wait $server
    same "$version, the program ends well" "0 " \
        "$? $(cat "$here/server.errors")"
}

midrun() {
    start_server
    same "$version, a program that works: nothing is on" "ready off" \
        "$said $(server_says off && echo off)"
    # (On a busy machine events may be lost, which is 2.)
    for try in 1 2 3 4 5; do
        "$pytrace" verify -p $server -d 1 > "$here/verified" 2>&1
        verified=$?
        [ $verified = 2 ] || break
    done
    same "$version, in mid-run: entries and returns nest (try $try)" 0 \
        $verified
    sed 's/^/# /' "$here/verified"
    end_server "the tracer has"
}

# ---- comings: recorders come to a program that works, and go, many times; and
# ---- to programs that begin and end meanwhile

comings=${COMINGS:-10}

has_module_or_ended() {
    grep -qs _pytrace.abi3.so "/proc/$1/maps" || has_ended "$1"
}

comings() {
    start_server
    came=0
    while [ $came -lt $comings ]; do
        "$pytrace" record -p $server -d 0.02 -o "$here/comings" \
            > "$here/recorded" 2>&1
        # (1: events were lost.)
        [ $? -le 1 ] || break
        came=$((came + 1))
    done
    same "$version, recorders come and go" $comings $came
    [ $came = $comings ] || sed 's/^/# /' "$here/recorded"
    end_server "$came recorders have"

    ended=0 seen=0 short=0
    while [ $short -lt $comings ]; do
        short=$((short + 1))
        "$here/run" short.py > "$here/short" 2>&1 &
        program=$!
        wait_until $patience has_module_or_ended $program
        "$pytrace" record -p $program -d 0.1 -o "$here/comings" \
            > "$here/recorded" 2>&1
        [ $? = 2 ] || seen=$((seen + 1))
        wait $program
        [ "$? $(cat "$here/short")" != "0 done" ] || ended=$((ended + 1))
    done
    same "$version, short programs, to which recorders came ($seen in time)" \
        $comings $ended
}

# ---- jit: a tracer comes to a loop that the JIT has compiled

jit() {
    [ $version != 3.13 ] || return 0
    : > "$here/jit.said"
    PYTHON_JIT=1 "$here/run" jit.py > "$here/jit.said" 2>&1 &
    program=$!
    wait_said "$here/jit.said" $program '^compiled$' || {
        wait $program
        skip "$version, the JIT" "this build has none: $(cat "$here/jit.said")"
        return
    }
    "$pytrace" record --full block -o "$here/jit" -p $program \
        > "$here/recorded" 2>&1 || kill $program
    wait $program
    same "$version, a loop that the JIT has compiled: each call is seen" \
        "function__entry 1000 function__return 1000 line 1000" "$("$pytrace" print \
            "$here/jit" | $AWK '/funcname="after"/ { n[$3]++ }
                END { for (marker in n) print marker, n[marker] }' |
            sort | paste -s -d ' ' -)"
}

# ---- beside: other tools, fork, threads, interpreters, execv

beside() {
    "$pytrace" record --follow --full block -o "$here/beside" -- \
        "$here/run" beside.py \
        > "$here/said" 2>&1
    grep ': ' "$here/said" | grep -v '^pytrace: ' > "$here/promises"
    while read -r line; do
        case $line in
        *": yes") pass "$version, ${line%: yes}" ;;
        *) fail "$version, $line" "$(cat "$here/said")" ;;
        esac
    done < "$here/promises"
    same "$version, all of it was done" 18 "$(wc -l < "$here/promises")"
    for function in in_child in_thread in_interpreter; do
        "$pytrace" print --marker function__entry "$here/beside" \
            > "$here/printed"
        succeeds "$version, $function is seen" \
            grep -q "\"$function\"" "$here/printed"
    done
}

# ---- churn: tracers come and go

# semaphores_of PATTERN: where those markers' are, as the programs want them.
semaphores_of() {
    "$pytrace" check "$(image_in "$here")" |
        awk -v pattern="$1" '$1 == "ok" && $2 ~ pattern { print $4 }' |
        while read -r place; do
            echo $((place))
        done | paste -sd ,
}

churn() {
    "$here/run" churn.py "[$(semaphores_of .)]" > "$here/churned" 2>&1
    same "$version, a thousand times a tracer comes or goes, with threads and \
asyncio; then forks" "errors []
sometimes on True
off at the end True
temporary: goes by itself True" "$(cat "$here/churned")"
}

# ---- own: Debian's own markers of the interpreter say the same

# both_said NAME: run tests/stock/NAME.py under NAME.bt; what that says is in
# NAME.got.
both_said() {
    sh "$srcdir/tests/tools/replace.sh" @MODULE@ "$(image_in "$here")" \
        @INTERPRETER@ "$root/usr/bin/python$version" < "$tests/$1.bt" \
        > "$here/$1.bt"
    printf '%s\n' 'interval:ms:20 { printf("ready\n"); }' >> "$here/$1.bt"
    : > "$here/$1.got"
    BPFTRACE_PERF_RB_PAGES=1024 bpftrace -q "$here/$1.bt" \
        > "$here/$1.got" 2> "$here/$1.errors" &
    tracer=$!
    wait_said "$here/$1.got" $tracer '^ready$' || {
        fail "$version: $1.bt is attached" "$(cat "$here/$1.errors")"
        return 1
    }
    taskset -c "$(first_processor)" "$here/run" $1.py \
        > "$here/$1.printed" 2>&1
    sh "$srcdir/tests/tools/interrupt.sh" $tracer
    wait $tracer
}

own() {
    why=$(can_trace) || {
        skip "$version, the interpreter's own markers" "$why"
        return
    }
    both_said own || return
    # (That is the module's own: it has no hook yet when it raises them.)
    sed '/sys\.monitoring\./d' "$here/own.got" > "$here/both"
    for kind in gc import audit; do
        events=$(sed -n "s/^own $kind/$kind/p" "$here/both")
        same "$version, $kind: $(echo "$events" | grep -c .) events, as the \
interpreter's own" "$events" "$(sed -n "s/^module $kind/$kind/p" \
            "$here/both")"
        [ "$(echo "$events" | grep -c .)" -ge 4 ] ||
            fail "$version, $kind: there are events" "$(cat "$here/own.got" \
                "$here/own.printed")"
    done
    [ $version = 3.15 ] || return 0
    both_said functions || return
    events=$(sed -n '/_generator$/d; /_coroutine$/d; s/^own //p' \
        "$here/functions.got")
    same "$version, functions: $(echo "$events" | grep -c .) events, as the \
interpreter's own" "$events" "$(sed -n \
        '/_generator$/d; /_coroutine$/d; s/^module //p' \
        "$here/functions.got")"
    # Its own enters a generator once more, where it is made, and not where
    # something is thrown into it.
    for whose in own module; do
        echo "# $version, generators and coroutines, $whose: $($AWK \
            -v whose=$whose '$1 == whose && /_(generator|coroutine)$/ { n[$2]++ }
            END { print n[">"] " entries, " n["<"] " returns" }' \
            "$here/functions.got")"
    done
    same "$version, functions: the module's nest, 99 of each" "99 99 0" \
        "$(sed -n 's/^module //p' "$here/functions.got" | $AWK '
            $1 == ">" { entries++; stack[++depth] = $3; next }
            { returns++ } stack[depth--] != $3 { wrong++ }
            END { print entries, returns, wrong + depth }')"
}

# ---- cost: instructions while untraced

# count HOW: "NAME INSTRUCTIONS" of each kind of work, without those of the start
# and of other threads.
count() {
    rm -f "$here"/count.*
    env -i PATH="$PATH" PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1 \
        PYTHONHOME="$root/usr" PYTHONPATH="$here" \
        valgrind --tool=callgrind --callgrind-out-file="$here/count" \
        --separate-threads=yes --dump-before=getppid \
        "$root/lib64/ld-linux-x86-64.so.2" --library-path \
        "$root/lib/x86_64-linux-gnu:$root/usr/lib/x86_64-linux-gnu" \
        "$root/usr/bin/python$version" -S -s -P "$tests/cost.py" \
        "$1" "$semaphores" > "$here/said" 2>&1 || cat "$here/said" >&2
    # Dumps 2 and 3 are the first one's two sizes, 5 and 6 the second's ...
    for name in fibs:2:3 loops:5:6 jsons:8:9; do
        sizes=${name#*:}
        sed -n 's/^totals: //p' "$here/count.${sizes%:*}-01" \
            "$here/count.${sizes#*:}-01" |
            awk -v name="${name%%:*}" '
                { n[NR] = $1 } END { print name, n[2] - n[1] }'
    done
}

cost() {
    [ $version = 3.14 ] || return 0
    have valgrind || {
        skip "$version, instructions untraced" "there is no valgrind"
        return
    }
    semaphores=[$(semaphores_of '^(function__|line)')]
    count without > "$here/without"
    for how in with detached; do
        count $how > "$here/with"
        # The addresses of json's objects are others.
        paste -d ' ' "$here/without" "$here/with" | awk '{
            more = $2 > 0 ? 100 * ($4 / $2 - 1) : 100
            most = $1 == "jsons" ? 1 : 0.02
            printf "%s %+.4f %% %s\n", $1, more,
                (more < most && more > -most) ? "no" : "some"
        }' > "$here/more"
        while read -r line; do
            case $line in
            *no) pass "$version, $how, instructions: ${line% no} more" ;;
            *) fail "$version, $how, instructions: ${line% some} more" \
                "$(cat "$here/without" "$here/with" "$here/said")" ;;
            esac
        done < "$here/more"
        same "$version, $how: all was counted" 3 "$(wc -l < "$here/more")"
    done
}

for version in $versions; do
    here=$work/$version
    python_in "$here" $version
    for part in live settrace_compared frames arguments midrun comings jit beside churn own cost; do
        ! chosen $part || $part
    done
done
finish
