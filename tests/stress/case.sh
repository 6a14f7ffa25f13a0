#!/bin/sh
# SPDX-License-Identifier: MIT
# case.sh - one case of the stress tests; stress.sh and soak.sh run them.
#
#   case.sh CASE AMOUNT SEED DIRECTORY
#
# CASE is a function of cases/, case_CASE, which says what AMOUNT is. The
# programs that build.sh made are beside DIRECTORY, which is made and gets
# private copies of them (bpftrace and the kernel trace all processes of a
# file). Leaves what was counted in DIRECTORY/said, a line, and what is wrong in
# DIRECTORY/log.
# srcdir and builddir are taken from the environment. Exit status 1 when
# something is wrong, 2 when the command line is.

# shellcheck disable=SC2034 # (some variables are for the files of cases/)
set -eu
LC_ALL=C
export LC_ALL
: "${srcdir:?run this with make check}" "${builddir:?}"
# shellcheck source=SCRIPTDIR/../tools/wait.sh
. "$srcdir/tests/tools/wait.sh"

# wrong TEXT...: end the case.
wrong() {
    echo "$*" >&2
    exit 1
}

# no_semaphores IMAGE PID: nothing is left of the tracers.
no_semaphores() {
    left=$(sh "$srcdir/tests/tools/semaphores.sh" "$1" "$2")
    [ "$left" = 0 ] || wrong "the semaphores of $1 are $left, and not 0"
}

# take PROGRAM...: private copies, and lists of their sites.
take() {
    for program; do
        cp "$programs/$program" .
        sh "$srcdir/tests/tools/sites.sh" --offsets "$program" \
            > "$program.sites"
    done
}

# ---- bpftrace

# start_tracer NAME SCRIPT [OPTION...]: returns when it is attached; what it
# prints is in NAME.out. It dies with the case.
start_tracer() {
    name=$1
    printf 'BEGIN { printf("ready\\n"); }\n%s\n' "$2" > "$name.bt"
    shift 2
    env --default-signal=INT setpriv --pdeathsig KILL \
        bpftrace "$@" "$name.bt" > "$name.out" 2> "$name.errors" &
    tracer=$!
    wait_said "$name.out" $tracer ||
        wrong "$(cat "$name.errors")"
}

markers="audit function__entry function__return gc__done gc__start
    import__find__load__done import__find__load__start line"

# count_script BINARY PROVIDER MARKER...
count_script() {
    binary=$PWD/$1 provider=$2
    shift 2
    for marker; do
        echo "usdt:$binary:$provider:$marker { @[\"$marker\"] = count(); }"
    done
}

# end_tracers PID...: when they have printed what they counted.
end_tracers() {
    sh "$srcdir/tests/tools/interrupt.sh" "$@"
    for pid; do
        wait "$pid" || wrong "a tracer failed: $(cat ./*.errors)"
    done
}

# counted NAME: what a tracer counted, as "MARKER COUNT", sorted.
counted() {
    sed -n 's/^@\[\(.*\)\]: /\1 /p' "$1.out" | sort
}

# compare WHAT EXPECTED GOT
compare() {
    [ "$2" = "$3" ] || wrong "$1: expected
$2
and came
$3"
}

for cases in host lua programs recorder; do
    # shellcheck source=/dev/null
    . "$srcdir/tests/stress/cases/$cases.sh"
done

if [ $# != 4 ]; then
    echo "usage: case.sh CASE AMOUNT SEED DIRECTORY" >&2
    exit 2
fi
lua=$builddir/hosts/lua/lua
unpatched_lua=$builddir/hosts/lua/unpatched/lua
mkdir -p "$4"
programs=$(realpath "$4/../programs")
cd "$4"
exec > said 2> log
"case_$1" "$2" "$3"
[ -s said ] || wrong "nothing was counted"
