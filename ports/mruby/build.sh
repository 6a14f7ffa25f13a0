#!/bin/sh
# SPDX-License-Identifier: MIT
# build.sh - build mruby with the markers, as its author would: configure and
# install pytrace, add the lines, compile, link one archive.
#
#   build.sh PYTRACE DIRECTORY
#   build.sh --unpatched DIRECTORY
#
# PYTRACE is a source tree of pytrace that has a configure. Makes in DIRECTORY
#   prefix/             pytrace installed, provider mruby
#   mruby               the interpreter, with the markers
# and with --unpatched, to compare with
#   unpatched/mruby     mruby as released, built with the same flags
# CC and MRUBY_TARBALL are taken from the environment. It needs ruby, which runs
# mruby's own make. Exit status 77 when mruby's source cannot be had, 1 when the
# build fails.

set -eu
unset CDPATH
here=$(cd "$(dirname "$0")" && pwd)
name=mruby
# shellcheck source=SCRIPTDIR/../lib.sh
. "$here/../lib.sh"
begin_build "$@"

# unpack TREE: its parser is there already, and bison would make it again where
# the times of the files say so. Its make writes beside its configuration.
unpack() {
    rm -rf "src/$1" &&
        mkdir -p "src/$1" &&
        tar -xzf mruby-*.tar.gz -C "src/$1" --strip-components=1 &&
        touch "src/$1/mrbgems/mruby-compiler/core/y.tab.c" &&
        cp "$here/build_config.rb" "src/$1/pytrace.rb"
}

add_lines() {
    unpack patched &&
        cp "$here/mruby-probes.h" src/patched/include/mruby/probes.h &&
        cp "$here/mruby-probes.c" src/patched/src/probes.c &&
        "$here/../apply" "$here/mruby-3.1.lines" src/patched
}

# compile TREE CFLAGS LIBS
compile() {
    (cd "src/$1" &&
        CC="$cc" LD="$cc" CFLAGS="-g -O2 $2" PYTRACE_LIBS=$3 \
            MRUBY_CONFIG="$PWD/pytrace.rb" INSTALL_DIR="$PWD/bin" \
            ruby ./minirake)
}

collect() {
    mkdir -p "$2" && cp "src/$1/bin/mruby" "$2"
}

# shellcheck disable=SC2119 # (it needs no option)
build_host
step "check the markers" check_markers --except line \
    --except import__find__load__start --except import__find__load__done \
    --except audit mruby
