# lib.sh - what the tests in shell share; each sources it first. A test
# program reports each promise it checks as one line of TAP.
#
# shellcheck shell=sh disable=SC2034 # (its variables are for those who source)
#
# Makefile.am sets srcdir and builddir, absolute. In a test's own directory,
# $work, files may be left behind.

set -u
LC_ALL=C
export LC_ALL
unset MAKEFLAGS MAKELEVEL MFLAGS    # a make that a test runs is its own

: "${srcdir:?run the tests with make check}" "${builddir:?}"
work=$builddir/tests/scratch/$(basename "$0" .sh)
rm -rf "$work"
mkdir -p "$work"

number=0

pass() {
    number=$((number + 1))
    echo "ok $number - $1"
}

# fail NAME [TEXT...]: what was expected, and what came.
fail() {
    number=$((number + 1))
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

finish() {
    echo "1..$number"
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

lua=$builddir/hosts/lua/lua
shared_lua=$builddir/hosts/lua/shared/lua
liblua=$builddir/hosts/lua/shared/liblua.so
unpatched_lua=$builddir/hosts/lua/unpatched/lua

need_lua() {
    if [ ! -x "$lua" ] || [ ! -x "$unpatched_lua" ]; then
        skip "$1" "Lua could not be built: $(cat "$builddir/hosts/why-not" \
            2> /dev/null)"
        finish
    fi
}

cpython=$builddir/hosts/cpython/python
shared_cpython=$builddir/hosts/cpython/shared/python
libcpython=$builddir/hosts/cpython/shared/libpython3.13.so.1.0
unpatched_cpython=$builddir/hosts/cpython/unpatched/python

need_cpython() {
    if [ ! -x "$cpython" ] || [ ! -x "$unpatched_cpython" ]; then
        skip "$1" "CPython could not be built: $(cat \
            "$builddir/hosts/cpython/why-not" 2> /dev/null)"
        finish
    fi
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

# ---- live cases, of a program each (tests/tools/run_case.sh)

# chosen CASE: whether CASES, where it is set, names it.
chosen() {
    case " ${CASES:-$1} " in
    *" $1 "*) ;;
    *) return 1 ;;
    esac
}

# live_case PROGRAM UNPATCHED IMAGE...: traced, with the markers in each image,
# it gives what its .expected says, and prints what it prints under UNPATCHED.
live_case() {
    program=$1 unpatched=$2
    case=$(basename "${program%.*}")
    shift 2
    plain=$(sh "$srcdir/tests/tools/run_program.sh" "$unpatched" "$program")
    for image; do
        name="$case, $(basename "$image")"
        result=$work/$case
        if ! sh "$srcdir/tests/tools/run_case.sh" "$program" "$image" \
            "$result" > "$work/log" 2>&1; then
            fail "$name" "$(cat "$work/log")"
        elif [ -s "$result/errors" ]; then
            fail "$name" "$(cat "$result/errors")"
        elif [ "$(cat "$result/printed")" != "$plain" ]; then
            same "$name: behaves as untraced" "$plain" \
                "$(cat "$result/printed")"
        else
            same "$name" "$(cat "${program%.*}.expected")" \
                "$(cat "$result/traced")"
        fi
    done
}

# ---- cases of a directory each (tests/tools/run_cases.sh)

# make_stage DIRECTORY: what such cases find in $PYTRACE_CASES. A case that has
# a file "seed" needs the specification's scripts there.
make_stage() {
    mkdir -p "$1"
    for interpreter in lua python; do
        mkdir "$1/$interpreter"
        cp -R "$builddir/hosts/$interpreter/$interpreter" \
            "$builddir/hosts/$interpreter/shared" "$1/$interpreter"
    done
    if [ -x "$cpython" ]; then
        stage_cpython "$1/cpython"
    fi
    cp -R "$srcdir/scripts" "$1"
    mkdir "$1/tools" "$1/tapset"
    cp "$srcdir/tests/tools/semaphores.sh" "$srcdir/tests/tools/bcc.sh" \
        "$srcdir/tests/tools/nops.sh" "$1/tools"
    cp "$builddir"/hosts/lua/prefix/share/systemtap/tapset/*.stp \
        "$builddir"/hosts/python/prefix/share/systemtap/tapset/*.stp \
        "$1/tapset"
    # The specification's scripts are not a part of the project.
    [ ! -d "$srcdir/../shared/seed" ] || cp -R "$srcdir/../shared/seed" "$1"
}

# stage_cpython DIRECTORY: both interpreters; of the library what they need to
# start, which they find in lib/ above their own places; and programs.
stage_cpython() {
    library=$1/lib/python3.13
    mkdir -p "$1/shared" "$library/encodings" "$library/lib-dynload"
    cp "$cpython" "$1"
    cp "$shared_cpython" "$libcpython" "$1/shared"
    for module in os _sitebuiltins encodings/__init__ encodings/aliases \
        encodings/utf_8; do
        cp "$builddir/hosts/cpython/src/Lib/$module.py" "$library/$module.py"
    done
    cp "$srcdir"/tests/tracers/programs/*.py "$1"
}

# choose_cases DIRECTORY: its cases, or those that CASES names. Those whose name
# begins with "cpython" need that.
choose_cases() {
    for case in "$1"/*; do
        [ ! -f "$case/seed" ] || [ -d "$srcdir/../shared/seed" ] || continue
        case $(basename "$case") in
        cpython*) [ -x "$cpython" ] || continue ;;
        esac
        case " ${CASES:-$(basename "$case")} " in
        *" $(basename "$case") "*) echo "$case" ;;
        esac
    done
}

# judge_case CASE RESULTS: pass or fail by what it left there.
judge_case() {
    name=$(basename "$1")
    result=$2/$name
    if [ "$(cat "$result.status" 2> /dev/null)" != 0 ] ||
        [ -f "$result.failed" ]; then
        fail "$name" "exit status $(cat "$result.status" 2>&1)" "
$(tail -n 20 "$result.prepare" "$result.output" "$result.errors" 2>&1)"
    else
        same "$name" "$(cat "$1/expected")" "$(cat "$result.output")"
    fi
}
