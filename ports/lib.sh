# SPDX-License-Identifier: MIT
# lib.sh - what the ports' build.sh share; each sources it.
#
# shellcheck shell=sh
#
# Before calling, set name (what is built), log (a file) and cc (the compiler).

# What programs print is read below: in English, and bytes as they are.
LC_ALL=C
export LC_ALL

# step TEXT COMMAND...: run it, with its output in the log.
step() {
    echo "  ${name:?}: $1"
    echo "== $1" >> "${log:?}"
    shift
    "$@" >> "$log" 2>&1 || {
        tail -n 15 "$log" >&2
        echo "${0##*/}: this step failed; the whole log is $log" >&2
        exit 1
    }
}

# install_pytrace TREE PROVIDER [OPTION...]: configure and install pytrace into
# prefix/, as an interpreter's author would, and let pkg-config find it.
install_pytrace() {
    tree=$1 provider=$2
    shift 2
    rm -rf pytrace prefix
    mkdir pytrace
    (cd pytrace && "$tree/configure" --disable-maintainer-mode \
        --with-provider="$provider" --prefix="$PWD/../prefix" \
        CC="${cc:?}" "$@" && make install) || return 1
    PKG_CONFIG_PATH=$PWD/prefix/lib/pkgconfig
    export PKG_CONFIG_PATH
}

# check_markers FILE...: each has all markers as they should be. Where libelf is
# missing, or dtrace is a real one, there is no program that checks them.
check_markers() {
    if [ -x prefix/bin/pytrace ]; then
        prefix/bin/pytrace check "$@"
    else
        echo "pytrace was not built"
    fi
}

# ---- a host with one release and one interpreter ----
#
# build.sh PYTRACE DIRECTORY, or build.sh --unpatched DIRECTORY: it calls
# begin_build, defines unpack, add_lines, compile and collect, and then calls
# build_host.

# begin_build ARGUMENT...: those of build.sh. Goes into DIRECTORY.
begin_build() {
    if [ $# != 2 ]; then
        echo "usage: build.sh PYTRACE|--unpatched DIRECTORY" >&2
        exit 2
    fi
    pytrace=$1
    [ "$pytrace" = --unpatched ] || pytrace=$(cd "$pytrace" && pwd)
    mkdir -p "$2"
    cd "$2" || exit 1
    log=$PWD/build.log
    cc=${CC:-gcc}
}

# build_host [OPTION...]: as released, and no more, or with the markers; the
# options are for pytrace's configure.
#   unpack TREE             the source as released, in src/TREE
#   add_lines               unpack patched, and add the markers
#   compile TREE CFLAGS LIBS
#   collect TREE DIRECTORY  put there what was built
build_host() {
    if [ "$pytrace" = --unpatched ]; then
        step "unpatched: unpack" unpack unpatched
        step "unpatched: interpreter" compile unpatched "" ""
        step "unpatched: collect" collect unpatched unpatched
        exit 0
    fi
    : > "$log"
    echo "  $name: source"
    "${here:?}/../fetch.sh" . "$name"
    step "pytrace, provider $name" install_pytrace "$pytrace" "$name" "$@"
    cflags=$(pkg-config --cflags "pytrace-$name")
    libs=$(pkg-config --libs "pytrace-$name")
    step "unpack, add the lines" add_lines
    step "interpreter" compile patched "$cflags" "$libs"
    step "collect" collect patched .
}
