#!/bin/sh
# SPDX-License-Identifier: MIT
# CPython's own tests of what the markers are in, or near: each has the result
# that it has in CPython as released; untraced, and while a tracer has all
# eight markers. Takes about four minutes.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

alone
need_cpython "CPython's own tests"
modules="test_sys_settrace test_sys_setprofile test_monitoring test_dtrace
    test_generators test_coroutines test_asyncgen test_exceptions test_gc
    test_import test_importlib test_audit test_threading test_dis test_frame
    test_traceback test_embed"

# run_modules NAME PYTHON: leaves in NAME.results a line for each test and each
# module, with its result; in NAME.log what they said.
run_modules() {
    # The timeout is for what hangs, not for what is slow. A shell's background
    # process ignores SIGINT, which the tests send to themselves.
    # shellcheck disable=SC2086
    env --default-signal=INT "$2" -m test -j2 -u cpu --timeout 600 \
        --junit-xml "$work/$1.xml" $modules > "$work/$1.log" 2>&1
    {
        [ ! -f "$work/$1.xml" ] || tr '<' '\n' < "$work/$1.xml" | awk -F '"' '
            /^testcase / { test = $2; result = "passed" }
            /^(skipped|failure|error)/ {
                result = $1
                sub(/[ >].*/, "", result)
            }
            /^\/testcase/ || /^testcase .*\/>/ { print test, result }'
        # A module can also fail, or be skipped, as a whole.
        sed -n 's/.*\] \(test_[a-z_]* [a-z]*\).*/\1/p' "$work/$1.log"
    } | sort > "$work/$1.results"
}

# as_released NAME: the results are those of "released".
as_released() {
    if diff "$work/released.results" "$work/$1.results" > "$work/difference"
    then
        pass "results as released, $1: $tests tests"
    else
        fail "results as released, $1" "$(head -n 50 "$work/difference")" "
$(grep -h -A 40 -e '^FAIL: ' -e '^ERROR: ' -e 'crashed' -e 'timed out' \
    "$work/released.log" "$work/$1.log" | head -n 200
tail -n 20 "$work/$1.log")"
    fi
}

run_modules released "$unpatched_cpython"
tests=$(grep -c '\.' "$work/released.results")
# Those of test_dtrace are for CPython's own markers, so they are all skipped.
ran=" test_dtrace $(sed -n 's/^test\.\([a-z_]*\)\..* passed$/\1/p' \
    "$work/released.results" | sort -u | tr '\n' ' ')"
missing=
for module in $modules; do
    case $ran in
    *" $module "*) ;;
    *) missing="$missing $module" ;;
    esac
done
same "each module has tests that run" "" "$missing"

# Its executable, not the link to it, beside which test_embed looks for its own.
python=$(readlink -f "$cpython")
run_modules untraced "$python"
as_released untraced

need_tracing "CPython's own tests, traced"
# Both images that have the markers; the second is what test_embed runs.
images="$python $(dirname "$python")/Programs/_testembed"
{
    for image in $images; do
        echo "usdt:$image:python:* { @[probe] = count(); }"
    done
    # bpftrace 0.17 can overlook an interrupt; it ends when the other CPython
    # runs.
    echo "usdt:$libcpython:python:audit { exit(); }"
    # Attached last; so everything is attached when it speaks.
    cat << 'EOF'
interval:ms:20 /!@ready/ { @ready = 1; printf("ready\n"); }
END { clear(@ready); }
EOF
} > "$work/count.bt"
bpftrace -q "$work/count.bt" > "$work/counted" 2> "$work/complaints" &
tracer=$!
wait_said "$work/counted" $tracer '^ready$' || {
    fail "bpftrace attaches" "$(cat "$work/complaints")"
    kill -KILL $tracer
    finish
}
run_modules traced "$python"
"$shared_cpython" -c pass
if wait $tracer; then
    pass "bpftrace is there to the end"
else
    fail "bpftrace is there to the end" "$(cat "$work/complaints")"
fi
as_released traced

for image in $images; do
    same "every marker fired in $(basename "$image")" \
"audit
function__entry
function__return
gc__done
gc__start
import__find__load__done
import__find__load__start
line" \
        "$(sh "$srcdir/tests/tools/replace.sh" "@[usdt:$image:python:" FIRED \
            < "$work/counted" | sed -n 's/^FIRED\(.*\)\]: [1-9].*/\1/p' | sort)"
done
finish
