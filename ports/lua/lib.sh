# SPDX-License-Identifier: MIT
# lib.sh - how Lua 5.4 is unpacked, gets its added lines and is compiled, for
# this port's build.sh and for the benchmark, which compares variants of it.
#
# shellcheck shell=sh
#
# Before calling, set cc (the compiler) and be where lua-VERSION.tar.gz is; the
# trees come to lie in src/. LUA_VERSION (5.4.4) is taken from the environment.

version=${LUA_VERSION:-5.4.4}
jobs=$(getconf _NPROCESSORS_ONLN)

# unpack TREE
unpack() {
    rm -rf "src/$1" &&
        mkdir -p src &&
        tar -xzf "lua-$version.tar.gz" -C src &&
        mv "src/lua-$version" "src/$1"
}

# unpack_patched TREE PORT: with the markers; PORT is this file's directory.
unpack_patched() {
    unpack "$1" &&
        cp "$2/lpytrace.c" "$2/lpytrace.h" "src/$1/src" &&
        "$2/../apply" "$2/lua.lines" "src/$1"
}

# compile TREE CFLAGS LIBS
compile() {
    make -C "src/$1/src" -j"$jobs" linux CC="${cc:?} -std=gnu99" AR="ar rc" \
        MYCFLAGS="-g $2" MYLIBS="$3"
}
