#!/bin/sh
# SPDX-License-Identifier: MIT
# build.sh - build the programs of the stress tests.
#
#   build.sh BUILDDIR DIRECTORY
#
# BUILDDIR is pytrace's, DIRECTORY gets the programs. CC and CFLAGS are taken
# from the environment. Exit status 1 when something cannot be built.

set -eu
here=$(cd "$(dirname "$0")" && pwd)
builddir=$1 directory=$2
mkdir -p "$directory"

# compile NAME SOURCE...
compile() {
    name=$1
    shift
    (
        cd "$here"
        # shellcheck disable=SC2086
        ${CC:-gcc} ${CFLAGS:--O2 -g} -std=gnu11 -Wall -Wextra -Wpedantic \
            -o "$directory/$name" "$@" -I"$builddir/include"
    )
}

markers=$builddir/libpytrace.a
compile host host.c board.c "$markers" -lpthread
compile processes processes.c "$markers"
compile inherit inherit.c uprobe.c "$markers"
compile attach attach.c board.c semaphores.c uprobe.c -lpthread
compile control control.c board.c
compile count count.c semaphores.c uprobe.c
compile libraries libraries.c -ldl
compile mortal mortal.c board.c "$markers" -lpthread
compile recorders recorders.c board.c recording.c semaphores.c uprobe.c
compile recorded recorded.c recording.c
compile reloads reloads.c board.c -ldl
compile signals signals.c "$markers" -lpthread
compile strings strings.c "$markers"
compile one.so -shared -fPIC library.c "$markers"
# Of another provider, the Lua port's.
lua=$builddir/hosts/lua/prefix
if [ -d "$lua" ]; then
    compile two.so -shared -fPIC -I"$lua/include/pytrace-lua" library.c \
        "$lua/lib/libpytrace-lua.a"
    lua=$builddir/hosts/lua
    cp "$lua/shared/liblua.so" "$directory"
    compile lua.so -shared -fPIC -I"$lua/src/shared/src" lua_library.c \
        -L"$directory" -llua -Wl,-rpath,'$ORIGIN'
fi
