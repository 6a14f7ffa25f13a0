# SPDX-License-Identifier: MIT
# lib.sh - what the tests in shell share; each sources it first. A test
# program reports each promise it checks as one line of TAP, ends with "finish",
# and has the exit status 1 when one of them does not hold.
#
# shellcheck shell=sh disable=SC2034 # (its variables are for those who source)
#
# Makefile.am sets srcdir and builddir, absolute. In a test's own directory,
# $work, files may be left behind.

set -u
LC_ALL=C
export LC_ALL
umask 022
unset MAKEFLAGS MAKELEVEL MFLAGS    # a make that a test runs is its own

: "${srcdir:?run the tests with make check}" "${builddir:?}"
# shellcheck source=SCRIPTDIR/tools/mounts.sh
. "$srcdir/tests/tools/mounts.sh"
# shellcheck source=SCRIPTDIR/tools/wait.sh
. "$srcdir/tests/tools/wait.sh"
work=$builddir/tests/scratch/$(basename "$0" .sh)
remove_tree "$work" || exit 1
mkdir -p "$work"

number=0
failures=0

pass() {
    number=$((number + 1))
    echo "ok $number - $1"
}

# fail NAME [TEXT...]: what was expected, and what came.
fail() {
    number=$((number + 1))
    failures=$((failures + 1))
    echo "not ok $number - $1"
    shift
    if [ $# -gt 0 ]; then
        printf '%s\n' "$*" | sed 's/^/#   /'
    fi
}

# skip NAME REASON
skip() {
    if [ -n "${PYTRACE_NO_SKIP:-}" ]; then
        fail "$1" "this test cannot run here: $2"
    else
        number=$((number + 1))
        echo "ok $number - $1 # SKIP $2"
    fi
}

# skip_extra NAME REASON: what is not a part of the project, and counts as
# skipped wherever it is not, also with PYTRACE_NO_SKIP.
skip_extra() {
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}

# succeeds NAME COMMAND...: the command's exit status is 0.
succeeds() {
    name=$1
    shift
    if output=$("$@" 2>&1); then
        pass "$name"
    else
        fail "$name" "this failed: $*" "
$output"
    fi
}

# same NAME EXPECTED GOT: two texts are the same; else shows their difference.
same() {
    if [ "$2" = "$3" ]; then
        pass "$1"
    else
        printf '%s\n' "$2" > "$work/expected"
        printf '%s\n' "$3" > "$work/got"
        fail "$1" "$(diff -u "$work/expected" "$work/got" | head -n 60)"
    fi
}

# refuses NAME PATTERN COMMAND...: it fails, and its output has the pattern.
refuses() {
    name=$1 pattern=$2
    shift 2
    if output=$("$@" 2>&1); then
        fail "$name" "this should have failed: $*"
    elif printf '%s\n' "$output" | grep -e "$pattern" > /dev/null; then
        pass "$name"
    else
        fail "$name" "expected a message like: $pattern" "
came: $output"
    fi
}

# generate ARGUMENT...: the generator (src/generate).
generate() {
    sh "$srcdir/src/generate/generate.sh" "$@"
}

have() {
    command -v "$1" > /dev/null 2>&1
}

# chosen CASE: whether CASES, where it is set, names it.
chosen() {
    case " ${CASES:-$1} " in
    *" $1 "*) ;;
    *) return 1 ;;
    esac
}

# finish: end the test. Where nothing was checked, CASES names nothing here.
finish() {
    if [ $number = 0 ]; then
        fail "something is checked" \
            "there is no such case: ${CASES:-(and CASES is not set)}"
    fi
    echo "1..$number"
    [ $failures = 0 ] || exit 1
    exit 0
}

# need NAME PROGRAM...: end the whole test, skipped, when one is missing.
need() {
    name=$1
    shift
    for program; do
        have "$program" || {
            skip "$name" "there is no $program"
            finish
        }
    done
}

# need_markers NAME: as need, where the build is to be without markers.
need_markers() {
    if [ -z "$DTRACE" ]; then
        skip "$1" "this build is --without-dtrace"
        finish
    fi
}

# need_x86_64 NAME: as need, for what looks at instructions.
need_x86_64() {
    case $(${CC:-gcc} -dumpmachine) in
    x86_64-*) ;;
    *)
        skip "$1" "it is for x86-64"
        finish ;;
    esac
}

# The builds of the ports; make check-ports names those of other releases.
lua_host=${PYTRACE_LUA:-$builddir/hosts/lua}
cpython_host=${PYTRACE_CPYTHON:-$builddir/hosts/cpython}

lua=$lua_host/lua
shared_lua=$lua_host/shared/lua
liblua=$lua_host/shared/liblua.so
unpatched_lua=$lua_host/unpatched/lua

need_lua() {
    if [ ! -x "$lua" ] || [ ! -x "$unpatched_lua" ]; then
        skip "$1" "Lua could not be built: $(cat "$builddir/hosts/why-not" \
            2> /dev/null)"
        finish
    fi
}

cpython=$cpython_host/python
shared_cpython=$cpython_host/shared/python
libcpython=$cpython_host/shared/libpython3.13.so.1.0
unpatched_cpython=$cpython_host/unpatched/python

# need_host TESTS NAME DIRECTORY PROGRAM...: these were built in build/hosts.
need_host() {
    needed_by=$1 host_name=$2 directory=$3
    shift 3
    for program; do
        [ -x "$program" ] || {
            skip "$needed_by" "$host_name could not be built: $(cat \
                "$builddir/hosts/$directory/why-not" 2> /dev/null)"
            finish
        }
    done
}

need_cpython() {
    need_host "$1" CPython cpython "$cpython" "$unpatched_cpython"
}

quickjs=$builddir/hosts/quickjs/qjs
unpatched_quickjs=$builddir/hosts/quickjs/unpatched/qjs

need_quickjs() {
    need_host "$1" QuickJS quickjs "$quickjs" "$unpatched_quickjs"
}

mruby=$builddir/hosts/mruby/mruby
unpatched_mruby=$builddir/hosts/mruby/unpatched/mruby

need_mruby() {
    need_host "$1" mruby mruby "$mruby" "$unpatched_mruby"
}

# need_pythons TESTS: Debian's own interpreters, in $pythons/root.
need_pythons() {
    pythons=${PYTRACE_PYTHONS:-$builddir/pythons}
    sh "$srcdir/tests/tools/pythons.sh" "$pythons" > "$work/root.log" 2>&1
    case $? in
    0) return ;;
    77) skip "$1" "$(tail -n 1 "$work/root.log")" ;;
    *) fail "$1" "$(cat "$work/root.log")" ;;
    esac
    finish
}

# alone: begin this test again when no other runs that has called this; for
# those that trace every process of an interpreter's file, which others of its
# processes notice, and for those that would notice. What a test leaves behind
# does not hold the lock (-o).
alone() {
    [ -n "${PYTRACE_ALONE:-}" ] ||
        PYTRACE_ALONE=1 exec flock -o "$builddir/tests/scratch/alone" sh "$0"
}

# Whether bpftrace can trace user programs here; else says why not.
can_trace() {
    have bpftrace || { echo "there is no bpftrace"; return 1; }
    [ "$(id -u)" = 0 ] || { echo "tracing by the kernel needs root"; return 1; }
    if [ ! -e /sys/bus/event_source/devices/uprobe ]; then
        echo "this kernel has no uprobes"
        return 1
    fi
}

need_tracing() {
    why=$(can_trace) || {
        skip "$1" "$why"
        finish
    }
}

pytrace=$builddir/pytrace

# Whether the hosts of this build can be recorded here; else says why not.
can_record() {
    if [ ! -x "$pytrace" ]; then
        echo "pytrace was not built: libelf-dev is missing"
        return 1
    fi
    if grep -q 'with_recorder=no' "$builddir/config.log"; then
        echo "this build is --without-recorder"
        return 1
    fi
}

# need_recorder NAME: as need, where pytrace is to record.
need_recorder() {
    why=$(can_record) || {
        skip "$1" "$why"
        finish
    }
}

# numbered FILE: how many events of function__entry a recording has, and whether
# the line of each, which tests/record/host.c counts up, follows the last one's.
numbered() {
    "$pytrace" print "$1" 2> print.err | $AWK '/ function__entry / {
        sub(/.*lineno=/, "")
        if (count++ > 0 && $0 != last + 1)
            gap = ", with gaps"
        last = $0
    }
    END { print count + 0 gap }'
}

# in_browser PAGE STEP...: tools/browser.py, which says what a step is; PAGE is
# the path of a file.
in_browser() {
    page=$1
    shift
    timeout 300 python3 -I "$srcdir/tests/tools/browser.py" \
        "file://$page" "$@" 2>&1
}

# need_browser NAME: as need, for what is shown in Chromium.
need_browser() {
    need "$1" chromium chromedriver python3
}
