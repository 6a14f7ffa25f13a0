# SPDX-License-Identifier: MIT
# cases.sh - to be sourced after lib.sh, by the tests whose cases are files of
# their own: live cases, of a program each, and cases of a directory each.
#
# shellcheck shell=sh disable=SC2154 # (its variables are lib.sh's)

# ---- live cases (run_case.sh says what is in one)

# choose_tracers NAME: $tracers, those that can trace here: bpftrace, the
# recorder or both. Where there is none, the test ends, skipped.
choose_tracers() {
    tracers=
    if ! why=$(can_trace); then
        skip "$1 under bpftrace" "$why"
    elif ! have taskset; then
        skip "$1 under bpftrace" "there is no taskset"
    else
        tracers=bpftrace
    fi
    if why=$(can_record); then
        tracers="$tracers recorder"
    else
        skip "$1 under the recorder" "$why"
    fi
    [ -n "$tracers" ] || finish
}

# live_case PROGRAM UNPATCHED IMAGE...: under each of $tracers, with the markers
# in each image, it gives what its .expected says, and prints what it prints
# under UNPATCHED. Where the host's $release differs, there is an
# .expected-RELEASE.
live_case() {
    program=$1 unpatched=$2
    case=$(basename "${program%.*}")
    shift 2
    expected=${program%.*}.expected
    if [ -n "${release:-}" ] && [ -f "$expected-$release" ]; then
        expected=$expected-$release
    fi
    plain=$(sh "$srcdir/tests/tools/run_program.sh" "$unpatched" "$program")
    for image; do
        for tracer in $tracers; do
            run_live_case
        done
    done
}

run_live_case() {
    name="$case, $(basename "$image"), $tracer"
    result=$work/$case
    command=
    [ "$tracer" = bpftrace ] || command=$pytrace
    if ! sh "$srcdir/tests/tools/run_case.sh" "$program" "$image" \
        "$result" "$command" > "$work/log" 2>&1; then
        fail "$name" "$(cat "$work/log")"
    elif [ -s "$result/errors" ]; then
        fail "$name" "$(cat "$result/errors")"
    elif [ "$(cat "$result/printed")" != "$plain" ]; then
        same "$name: behaves as untraced" "$plain" "$(cat "$result/printed")"
    else
        same "$name" "$(cat "$expected")" "$(cat "$result/traced")"
    fi
}

# ---- cases of a directory each (run_cases.sh says what is in one)

# The specification's own scripts, which are not a part of the project: its
# cases, those with a file "seed", run where they are.
seed=${PYTRACE_SEED:-$srcdir/../shared/seed}

# make_stage DIRECTORY: what such cases find in $PYTRACE_CASES.
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
    cp "$srcdir"/tests/tools/*.sh "$1/tools"
    cp "$builddir"/hosts/lua/prefix/share/systemtap/tapset/*.stp \
        "$builddir"/hosts/python/prefix/share/systemtap/tapset/*.stp \
        "$1/tapset"
    [ ! -d "$seed" ] || cp -R "$seed" "$1/seed"
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

# choose_cases DIRECTORY: $cases, those of its cases that CASES names, or all.
# One whose name begins with "cpython" needs that.
choose_cases() {
    cases=
    without_seed=
    for directory in "$1"/*; do
        case=$(basename "$directory")
        chosen "$case" || continue
        case $case in
        cpython*)
            if [ ! -x "$cpython" ]; then
                skip "$case" "CPython could not be built: $(cat \
                    "$builddir/hosts/cpython/why-not" 2> /dev/null)"
                continue
            fi ;;
        esac
        if [ -f "$directory/seed" ] && [ ! -d "$seed" ]; then
            without_seed="$without_seed $case"
            continue
        fi
        cases="$cases $directory"
    done
    [ -z "$without_seed" ] ||
        skip_extra "the specification's own scripts:$without_seed" \
            "they are not here; PYTRACE_SEED=DIRECTORY says where they are"
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
