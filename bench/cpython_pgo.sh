#!/bin/sh
# SPDX-License-Identifier: MIT
# cpython_pgo.sh - what the markers cost an untraced CPython that is built as
# distributions build it: --enable-optimizations --with-lto.
#
#   cpython_pgo.sh HOST DIRECTORY
#
# HOST is what ports/cpython/build.sh made, such as build/hosts/cpython. Builds
# in DIRECTORY, and keeps, three interpreters with the same flags:
#   released/python    as released
#   patched/python     with the markers
#   again/python       as released once more
# and prints two tables of tests/cpython/cost.sh: "patched" against "released";
# and "again" against "released", which is the noise. For a profile is never the
# same twice, and the optimiser decides by it. So that the noise is small, all
# three have one profile of the files that the port does not change. Of the
# others, of which the eval loop is one, each has a profile of its own.
#
# What is not as in a distribution's build, and the same for all three: the
# profile comes from $PROFILE_TASK, less than half of CPython's own list of
# tests; and the modules in C, and what freezes modules, are HOST's. CC and JOBS
# (the number of processors) are taken from the environment. It takes some
# fifteen minutes of one processor.

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
PROFILE_TASK=${PROFILE_TASK:--m test --pgo --randseed 1 --tempdir .
    test_array test_binop test_bisect test_bytes test_collections
    test_dataclasses test_float test_fstring test_functools test_generators
    test_int test_json test_operator test_patma test_pprint test_re test_set
    test_struct}
PROFILE_TASK=$(printf %s "$PROFILE_TASK" | tr -s '\n ' ' ')
modules=$host/build/$(cat "$host/build/pybuilddir.txt")

# What is compiled from the lines that the port adds, as in build.sh.
changed="ceval.o gc.o gc_free_threading.o import.o instrumentation.o
    sysmodule.o probes.o probes_audit.o ceval_probes.o"

# configure_in NAME SOURCE [OPTION...]: without -g, and without machine code
# beside LTO's, which would take twice the time.
configure_in() {
    tree=$1 source=$2
    shift 2
    mkdir -p "$tree"
    sed '/^ac_cv_env_/d' "$host/build/config.cache" > "$tree/config.cache"
    (cd "$tree" && ac_cv_prog_cc_g=no "$source/configure" -q -C \
        --without-ensurepip --enable-optimizations --with-lto \
        CC="${CC:-gcc}" OPT="-DNDEBUG -O3 -Wall" "$@")
    sed -e 's/-ffat-lto-objects/-fno-fat-lto-objects/g' \
        -e 's/^\(.*MAKE) \)build_all /\1python /' "$tree/Makefile" \
        > "$tree/makefile"
}

# objects FROM NAME: those of the files that the port does not change.
objects() {
    (cd "$1" && find Modules Objects Parser Programs Python \
        -name '*.o' -o -name '*.h' | cpio -pdm --quiet "$2")
    # shellcheck disable=SC2086 # (a list)
    (cd "$2/Python" && rm -f $changed)
    find "$2/Python" -name '*.h' -exec touch {} +
    find "$2" -name '*.o' -exec touch {} +
}

# (The same hash of names for each profile. A shell's background process ignores
# SIGINT, which a test sends to itself.)
make_in() {
    env --default-signal=INT PYTHONHASHSEED=0 make -C "$1" -j"$jobs" \
        FREEZE_MODULE_BOOTSTRAP="$host/build/Programs/_freeze_module" \
        FREEZE_MODULE_BOOTSTRAP_DEPS= FREEZE_MODULE_DEPS= \
        PYTHON_FOR_FREEZE="$host/build/_bootstrap_python" \
        RUNSHARED="PYTHONHOME=$host/src PYTHONPATH=$host/src/Lib:$modules" \
        PROFILE_TASK="$PROFILE_TASK" "$2"
}

# For the profile, the other files are HOST's, without counters.
profile() {
    objects "$1" "$PWD/$2"
    touch "$2/profile-clean-stamp"
    make_in "$2" profile-run-stamp
}

# A file "built" says that it came to its end.
finish() {
    cp "$host/build/pybuilddir.txt" "$1"
    ln -sfn "$host/build/build" "$1/build"
    touch "$1/built"
}

whole() {
    configure_in "$@"
    make_in "$1" profile-opt
    finish "$1"
}

# vary NAME OBJECTS SOURCE [OPTION...]
vary() {
    name=$1 others=$2
    shift 2
    configure_in "$name" "$@"
    profile "$others" "$name"
    objects "$PWD/released" "$PWD/$name"
    make_in "$name" profile-opt
    finish "$name"
}

# build COMMAND NAME ARGUMENT...
log=
build() {
    [ ! -f "$2/built" ] || return 0
    log=$PWD/$2.log
    "$@" > "$log" 2>&1
    log=
}
trap '[ -z "$log" ] || {
    tail -n 20 "$log" >&2
    echo "cpython_pgo.sh: it cannot be built; the whole log is $log" >&2
}' EXIT

# table NAME: against "released".
table() {
    echo
    echo "$1 against released, --enable-optimizations --with-lto:"
    sh "$here/../tests/cpython/cost.sh" "$PWD/$1/python" \
        "$PWD/released/python" "$host/src/Lib"
}

echo "$host" > host
build whole released "$host/src-released"
build vary patched "$host/build" "$host/src" --with-dtrace=pytrace
table patched
build vary again "$host/unpatched" "$host/src-released"
table again
