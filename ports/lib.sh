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
