#!/bin/sh
# SPDX-License-Identifier: MIT
# cpython_pgo.sh - what the markers cost an untraced CPython that is built as
# distributions build it: --enable-optimizations --with-lto.
#
#   cpython_pgo.sh HOST DIRECTORY
#
# HOST is what ports/cpython/build.sh made, such as build/hosts/cpython. Builds
# in DIRECTORY, and keeps, three interpreters with the same flags:
#   patched/python     with the markers
#   released/python    as released
#   again/python       as released, from a profile of its own
# and prints two tables of tests/cpython/cost.sh: "patched" against "released";
# and "again" against "released", which is the noise: two runs of the profile's
# task count differently, and the optimiser decides differently.
#
# Shorter than a distribution's build, and the same for all three: the profile
# is that of $PROFILE_TASK, a third of CPython's own list of tests; without -g;
# and the modules in C, and what freezes modules, are HOST's. CC and JOBS (the
# number of processors) are taken from the environment. An interpreter takes
# some eight minutes of one processor.

set -eu
LC_ALL=C
export LC_ALL
unset CDPATH
here=$(cd "$(dirname "$0")" && pwd)
if [ $# != 2 ] || [ ! -x "$1/build/Programs/_freeze_module" ]; then
    echo "usage: cpython_pgo.sh HOST DIRECTORY" >&2
    exit 2
fi
host=$(cd "$1" && pwd)
mkdir -p "$2"
cd "$2"
jobs=${JOBS:-$(getconf _NPROCESSORS_ONLN)}
PKG_CONFIG_PATH=$host/prefix/lib/pkgconfig
export PKG_CONFIG_PATH
PROFILE_TASK=${PROFILE_TASK:--m test --pgo test_array test_binop test_bisect
    test_bytes test_collections test_dataclasses test_float test_fstring
    test_functools test_generators test_int test_json test_operator
    test_patma test_pprint test_re test_set test_struct}
PROFILE_TASK=$(printf %s "$PROFILE_TASK" | tr -s '\n ' ' ')

# build NAME SOURCE [OPTION...]. (No -g, and no machine code beside LTO's, which
# would take twice the time. The same hash of names for each profile.)
build() {
    name=$1 source=$2
    shift 2
    [ ! -x "$name/python" ] || [ ! -f "$name/built" ] || return 0
    mkdir -p "$name"
    (
        cd "$name"
        [ -f makefile ] || {
            ac_cv_prog_cc_g=no "$source/configure" -q --without-ensurepip \
                --enable-optimizations --with-lto CC="${CC:-gcc}" \
                OPT="-DNDEBUG -O3 -Wall" "$@"
            sed -e 's/-ffat-lto-objects/-fno-fat-lto-objects/g' \
                -e 's/^\(.*MAKE) \)build_all /\1python /' Makefile > makefile
        }
        modules=$(cat "$host/build/pybuilddir.txt")
        PYTHONHASHSEED=0 make -j"$jobs" \
            FREEZE_MODULE_BOOTSTRAP="$host/build/Programs/_freeze_module" \
            FREEZE_MODULE_BOOTSTRAP_DEPS= FREEZE_MODULE_DEPS= \
            PYTHON_FOR_FREEZE="$host/build/_bootstrap_python" \
            RUNSHARED="PYTHONHOME=$host/src PYTHONPATH=$host/src/Lib:$host/build/$modules" \
            PROFILE_TASK="$PROFILE_TASK"
        cp "$host/build/pybuilddir.txt" .
        ln -sfn "$host/build/build" build
        touch built
    ) > "$name.log" 2>&1 || {
        tail -n 20 "$name.log" >&2
        echo "cpython_pgo.sh: $name cannot be built; the whole log is" \
            "$PWD/$name.log" >&2
        exit 1
    }
}

# table NAME: against "released".
table() {
    echo
    echo "$1 against released, --enable-optimizations --with-lto:"
    sh "$here/../tests/cpython/cost.sh" "$PWD/$1/python" \
        "$PWD/released/python" "$host/src/Lib"
}

echo "$host" > host
build released "$host/src-released"
build patched "$host/src" --with-dtrace=pytrace
table patched
build again "$host/src-released"
table again
