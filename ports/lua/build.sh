#!/bin/sh
# SPDX-License-Identifier: MIT
# build.sh - build Lua 5.4 with the markers, as an interpreter's author would:
# configure and install pytrace, add the lines, compile, link one archive.
#
#   build.sh PYTRACE DIRECTORY [NAME [CONFIGURE-OPTION...]]
#   build.sh --unpatched DIRECTORY
#
# PYTRACE is a source tree of pytrace that has a configure. Makes in DIRECTORY
#   prefix/           pytrace installed, provider NAME; lua unless given
#   NAME, luac        the interpreter and its compiler, with the markers
#   shared/NAME       the same with the interpreter, and so the markers, in
#   shared/libNAME.so a shared library beside it
# and with --unpatched, to compare with
#   unpatched/lua     Lua as released, built with the same flags
# pytrace is configured with the options. CC, LUA_VERSION (5.4.4) and
# LUA_TARBALL are taken from the environment. Exit status 77 when Lua's source
# cannot be had, 1 when the build fails.

set -eu
unset CDPATH
here=$(cd "$(dirname "$0")" && pwd)
pytrace=$1 directory=$2 name=${3:-lua}
shift $(($# > 3 ? 3 : $#))
[ "$pytrace" = --unpatched ] || pytrace=$(cd "$pytrace" && pwd)
mkdir -p "$directory"
cd "$directory"
log=$PWD/build.log
cc=${CC:-gcc}
# shellcheck source=SCRIPTDIR/../lib.sh
. "$here/../lib.sh"
# shellcheck source=SCRIPTDIR/lib.sh
. "$here/lib.sh"

add_lines() {
    unpack_patched patched "$here" &&
        rm -rf src/shared &&
        cp -R src/patched src/shared
}

# Every object but the two programs', with the archive in the same library.
link_shared() {
    compile shared "$cflags -fPIC" "$libs"
    rm -rf shared
    mkdir shared
    # shellcheck disable=SC2046,SC2086
    $cc -shared -o "shared/lib$name.so" $(find src/shared/src -name '*.o' \
        ! -name lua.o ! -name luac.o | sort) $libs -lm -ldl
    $cc -o "shared/$name" src/shared/src/lua.o -Lshared "-l$name" \
        -Wl,-rpath,"\$ORIGIN" -Wl,-E -lm -ldl
}

collect() {
    cp src/patched/src/lua "$name"
    cp src/patched/src/luac .
}

build_unpatched() {
    unpack unpatched
    compile unpatched "" ""
    mkdir -p unpatched
    cp src/unpatched/src/lua unpatched/lua
}

if [ "$pytrace" = --unpatched ]; then
    step "unpatched interpreter" build_unpatched
    exit 0
fi
: > "$log"
echo "  $name: source"
"$here/../fetch.sh" . lua
step "pytrace, provider $name" install_pytrace "$pytrace" "$name" "$@"
cflags=$(pkg-config --cflags "pytrace-$name")
libs=$(pkg-config --libs "pytrace-$name")
step "unpack, add the lines" add_lines
step "interpreter" compile patched "$cflags" "$libs"
step "shared library" link_shared
step "collect" collect
step "check the markers" check_markers "$name" "shared/lib$name.so"
