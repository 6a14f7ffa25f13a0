#!/bin/sh
# SPDX-License-Identifier: MIT
# build.sh - build QuickJS with the markers, as its author would: configure and
# install pytrace, add the lines, compile, link one archive.
#
#   build.sh PYTRACE DIRECTORY
#   build.sh --unpatched DIRECTORY
#
# PYTRACE is a source tree of pytrace that has a configure. Makes in DIRECTORY
#   prefix/           pytrace installed, provider quickjs, with the optional
#                     groups that QUICKJS_GROUPS names
#   qjs, qjsc         the interpreter and its compiler, with the markers
# and with --unpatched, to compare with
#   unpatched/qjs     QuickJS as released, built with the same flags; and qjsc
# CC and QUICKJS_TARBALL are taken from the environment, and QUICKJS_OPTIMISE,
# the level of the optimiser (-O2, QuickJS's own). Exit status 77 when QuickJS's
# source cannot be had, 1 when the build fails.

set -eu
unset CDPATH
here=$(cd "$(dirname "$0")" && pwd)
name=quickjs
jobs=$(getconf _NPROCESSORS_ONLN)
# shellcheck source=SCRIPTDIR/../lib.sh
. "$here/../lib.sh"
begin_build "$@"

# unpack TREE
unpack() {
    rm -rf "src/$1" &&
        mkdir -p "src/$1" &&
        tar -xJf quickjs-*.tar.xz -C "src/$1" --strip-components=1
}

add_lines() {
    unpack patched &&
        cp "$here/quickjs-probes.h" "$here/quickjs-probes.c" src/patched &&
        "$here/../apply" "$here/quickjs-2025.lines" src/patched
}

# compile TREE CFLAGS LIBS: its makefile adds to CFLAGS, and its own tests need
# the modules in C. They define js_init_module, and are linked with nothing.
compile() {
    CFLAGS=$2 make -C "src/$1" -j"$jobs" CC="$cc" HOST_CC="$cc" \
        CFLAGS_OPT="\$(CFLAGS) ${QUICKJS_OPTIMISE:--O2}" EXTRA_LIBS="$3" \
        qjs qjsc tests/bjson.so examples/point.so
}

collect() {
    mkdir -p "$2" && cp "src/$1/qjs" "src/$1/qjsc" "$2"
}

build_host ${QUICKJS_GROUPS:+"--with-groups=$QUICKJS_GROUPS"}
step "check the markers" check_markers qjs
