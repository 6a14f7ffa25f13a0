#!/bin/sh
# SPDX-License-Identifier: MIT
# build.sh - build CPython 3.13 with the markers, as its author would: configure
# and install pytrace, add the lines, configure, compile, link one archive.
#
#   build.sh PYTRACE DIRECTORY
#
# PYTRACE is a source tree of pytrace that has a configure. Makes in DIRECTORY
#   prefix/             pytrace installed, provider python, with the frame's
#                       address as a fourth argument of the function markers,
#                       and the optional groups that CPYTHON_GROUPS names
#   python              the interpreter with the markers
#   shared/python       the same with the interpreter, and so the markers, in
#   shared/libpython3.13.so.1.0; to look at, not to measure: at -O1, which takes
#                       a third of the time
#   unpatched/python    CPython as released, built with the same flags
# Each runs where it is, with the library in src/Lib. CC, CPYTHON_VERSION
# (3.13.5 or 3.13.15) and CPYTHON_TARBALL are taken from the environment. What
# has been built and has not changed is kept.
# Exit status 77 when CPython's source cannot be had, 1 when the build fails.

set -eu
unset CDPATH
here=$(cd "$(dirname "$0")" && pwd)
if [ $# != 2 ]; then
    echo "usage: build.sh PYTRACE DIRECTORY" >&2
    exit 2
fi
pytrace=$(cd "$1" && pwd)
mkdir -p "$2"
cd "$2"
name=cpython
log=$PWD/build.log
jobs=$(getconf _NPROCESSORS_ONLN)
version=${CPYTHON_VERSION:-3.13.5}
lines=$here/cpython-3.13.lines
cc=${CC:-gcc}
# shellcheck source=SCRIPTDIR/../lib.sh
. "$here/../lib.sh"

# No -g, which would double the time; what takes longest is the optimiser.
optimise="-DNDEBUG -O3 -Wall"

# With it gdb's Python commands find their way.
debug="-g -fno-eliminate-unused-debug-types"

# A step's function runs where set -e does nothing, hence the &&.
unpack() {
    rm -rf src released &&
        tar -xJf "Python-$version.tar.xz" &&
        mv "Python-$version" src &&
        sed -n 's/^file //p' "$lines" |
        (cd src && cpio -pdm --quiet ../released) &&
        "$here/../apply" "$lines" src &&
        cp "$here/probes.c" "$here/probes_audit.c" "$here/ceval_probes.c" \
            "$here/ceval_probes.h" src/Python &&
        cp "$here/pycore_probes.h" src/Include/internal
}

# configure_in DIRECTORY SOURCE [OPTION...]: in a new DIRECTORY, with what
# configure has found out for another one already.
configure_in() {
    rm -rf "$1" &&
        mkdir "$1" &&
        if [ -f build/config.cache ]; then
            sed '/^ac_cv_env_/d' build/config.cache > "$1/config.cache"
        fi &&
        (cd "$1" && source=$2 && shift 2 &&
            "$source/configure" -q -C --without-ensurepip CC="$cc" \
                OPT="$optimise" "$@")
}

# Everything, also what CPython's own tests need.
build_patched() {
    configure_in build ../src --with-dtrace=pytrace &&
        make -C build -s -j"$jobs" &&
        ln -sf build/python python
}

# As released: the source with the patched files put back. Only the objects
# made from them, or from the one header among them, are compiled again; what
# sysconfig says, which comes with pybuilddir.txt, is its own.
build_unpatched() {
    rm -rf src-released &&
        cp -Rs "$PWD/src" src-released &&
        cp -R --remove-destination released/. src-released &&
        configure_in unpatched ../src-released &&
        for part in Modules Objects Parser Programs Python build; do
            cp -R "build/$part" unpatched || return 1
        done &&
        (cd unpatched/Python && rm ceval.o gc.o gc_free_threading.o import.o \
            instrumentation.o sysmodule.o probes.o probes_audit.o \
            ceval_gil.o ceval_probes.o &&
            rm ../Modules/_threadmodule.o ../Modules/_asyncio*o) &&
        make -C unpatched -s -j"$jobs" python Programs/_testembed \
            pybuilddir.txt "Modules/_asyncio$(sed -n \
            's/^EXT_SUFFIX=[[:blank:]]*//p' unpatched/Makefile)"
}

# The extension modules are the same.
build_shared() {
    # shellcheck disable=SC2016 # ($ORIGIN is for the dynamic linker)
    configure_in shared ../src --with-dtrace=pytrace --enable-shared \
        OPT="-DNDEBUG -O1" LDFLAGS_NODIST='-Wl,-rpath,\$$ORIGIN' &&
        cp -R build/Modules build/build shared &&
        find shared/Modules -name '*.o' -exec rm {} + &&
        make -C shared -s OPT="-DNDEBUG -O1 $debug" Python/ceval.o \
            Python/ceval_probes.o &&
        make -C shared -s -j"$jobs" python &&
        cp build/pybuilddir.txt shared      # (3.13.15's make writes another)
}

build_others() {
    build_unpatched &
    unpatched=$!
    build_shared
    shared=$?
    wait $unpatched && return $shared
}

# The stamp says from what, and that all came to its end.
stamp=$({
    echo "$version"
    cat "$here/build.sh" "$here/../lib.sh" "$here/../apply" "$lines" \
        "$here"/*.[ch]
    cat "$pytrace/configure" "$pytrace/probes.d" "$pytrace/ports/frames.sed" \
        "$pytrace"/src/generate/* "$pytrace"/src/runtime/* \
        "$pytrace"/include/*.in
    echo "$cc $($cc --version) ${CFLAGS:-} ${CPPFLAGS:-} ${LDFLAGS:-}"
    echo "${CPYTHON_GROUPS:-}"
} | sha256sum)
if [ -f stamp ] && [ "$(cat stamp)" = "$stamp" ]; then
    exit 0
fi
rm -f stamp
: > "$log"
echo "  $name: source"
"$here/../fetch.sh" . cpython
sed -f "$pytrace/ports/frames.sed" "$pytrace/probes.d" > frames.d
step "pytrace, provider python" install_pytrace "$pytrace" python \
    --with-probes="$PWD/frames.d" \
    ${CPYTHON_GROUPS:+"--with-groups=$CPYTHON_GROUPS"}
step "unpack, add the lines" unpack
step "interpreter (about two minutes)" build_patched
step "interpreter as released, shared library" build_others
step "check the markers" check_markers python \
    "shared/libpython${version%.*}.so.1.0"
echo "$stamp" > stamp
