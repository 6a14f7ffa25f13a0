#!/bin/sh
# SPDX-License-Identifier: MIT
# fetch.sh - get an interpreter's source: from a file, or from the package
# source that this machine's apt already uses, whatever its address.
#
#   fetch.sh DIRECTORY lua|cpython|quickjs|duktape
#
# LUA_VERSION is 5.4.4 (the default) or 5.4.9, CPYTHON_VERSION 3.13.5 (the
# default) or 3.13.15. The file is what LUA_TARBALL, CPYTHON_TARBALL and so on
# name. Puts lua-VERSION.tar.gz or Python-VERSION.tar.xz and so on into
# DIRECTORY, unless it is there already. Exit status 77 when there is no source
# to be had, with one line that says why. QuickJS and Duktape are for
# bench/guards.sh.

set -eu
# What programs print is read below: in English, and bytes as they are.
LC_ALL=C
export LC_ALL
unset CDPATH
if [ $# != 2 ]; then
    echo "usage: fetch.sh DIRECTORY lua|cpython|quickjs|duktape" >&2
    exit 2
fi
directory=$1
case $2 in
lua)
    title=Lua variable=LUA_TARBALL given=${LUA_TARBALL:-}
    package=lua5.4 version=${LUA_VERSION:-5.4.4}
    file=lua-$version.tar.gz
    ;;
cpython)
    title=CPython variable=CPYTHON_TARBALL given=${CPYTHON_TARBALL:-}
    package=python3.13 version=${CPYTHON_VERSION:-3.13.5}
    file=Python-$version.tar.xz
    ;;
quickjs)
    title=QuickJS variable=QUICKJS_TARBALL given=${QUICKJS_TARBALL:-}
    package=quickjs version=2025.04.26
    file=quickjs-$version.tar.xz
    ;;
duktape)
    title=Duktape variable=DUKTAPE_TARBALL given=${DUKTAPE_TARBALL:-}
    package=duktape version=2.7.0
    file=duktape-$version.tar.xz
    ;;
*)
    echo "fetch.sh: no interpreter is called $2; lua, cpython, quickjs and" \
        "duktape are" >&2
    exit 2
    ;;
esac
# Its SHA-256, and the suites that have it.
case $file in
lua-5.4.4.*)
    sum=164c7849653b80ae67bec4b7473b884bf5cc8d2dca05653475ec2ed27b9ebf61
    suites="bookworm jammy"     # Debian 12, Ubuntu 22.04
    ;;
lua-5.4.9.*)
    sum=2335b6c582a52654f94612bf10d2f4672805d05329aa6568b1d8cd9e5c6fb8e6
    suites=testing
    ;;
Python-3.13.5.*)
    sum=93e583f243454e6e9e4588ca2c2662206ad961659863277afcdb96801647d640
    suites=trixie               # Debian 13
    ;;
Python-3.13.15.*)
    sum=1e66a7945a48390ee4c2a4268a0e4185884059a13c4aab6d148aa208deea4a76
    suites=testing
    ;;
quickjs-*)
    sum=ec81da5b3249ed648dbc7df4a1654988910e66a118d9b71cb63534216efcfbbe
    suites=trixie
    ;;
duktape-*)
    sum=90f8d2fa8b5567c6899830ddef2c03f3c27960b11aca222fa17aa7ac613c2890
    suites=bookworm
    ;;
*)
    echo "fetch.sh: $title $version is not known" >&2
    exit 2
    ;;
esac
tarball=$directory/$file

unavailable() {
    echo "$title's source: $*" >&2
    exit 77
}

is_right() {
    [ -r "$1" ] && [ "$(sha256sum < "$1" | cut -d' ' -f1)" = "$sum" ]
}

mkdir -p "$directory"

if [ -n "$given" ]; then
    [ -r "$given" ] ||
        unavailable "$variable=$given cannot be read"
    is_right "$given" ||
        unavailable "$variable=$given is not $file as" \
            "released (its SHA-256 differs)"
    cp "$given" "$tarball.tmp"
    mv "$tarball.tmp" "$tarball"
    exit 0
fi
if is_right "$tarball"; then
    exit 0
fi
command -v apt-get > /dev/null 2>&1 ||
    unavailable "this machine has no apt-get; set $variable to $file"

# A private package list, so that the machine's own configuration stays as it
# is: its own sources, as deb-src. With a suite as argument, that suite of the
# same archives.
apt=$(cd "$directory" && pwd)/apt
trap 'rm -rf "$apt"' EXIT

list_sources() {
    rm -rf "$apt"
    mkdir -p "$apt/sources" "$apt/lists/partial" "$apt/cache"
    for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -r "$list" ] || continue
        awk -v suite="${1:-}" '
            $1 != "deb" { next }
            {
                $1 = "deb-src"
                uri = 2
                if ($2 ~ /^\[/)
                    while (uri < NF && $(uri++) !~ /\]$/)
                        ;
                if (suite != "")
                    $(uri + 1) = suite
                print
            }' "$list" | sort -u > "$apt/sources/${list##*/}"
    done
    for list in /etc/apt/sources.list.d/*.sources; do
        [ -r "$list" ] || continue
        awk -v suite="${1:-}" '
            /^Types:/ { print "Types: deb-src"; next }
            /^Suites:/ && suite != "" { print "Suites: " suite; next }
            { print }' "$list" > "$apt/sources/${list##*/}"
    done
}

with_apt() {
    command=$1
    shift
    "$command" -q -o Dir::Etc::sourcelist=/dev/null \
        -o Dir::Etc::sourceparts="$apt/sources" \
        -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt/cache" \
        -o Acquire::Check-Valid-Until=false -o Acquire::Check-Date=false \
        -o Acquire::Retries=3 -o Acquire::http::Timeout=30 \
        -o APT::Sandbox::User= "$@"
}

# Succeeds when the tarball has come.
try_apt() {
    list_sources "${1:-}"
    with_apt apt-get update > "$apt/log" 2>&1 || true
    revision=$(with_apt apt-cache showsrc "$package" 2>> "$apt/log" |
        sed -n "s/^Version: \($version-.*\)/\1/p" | head -n 1)
    [ -n "$revision" ] || return 1
    (cd "$apt" &&
        with_apt apt-get source --tar-only "$package=$revision") \
        >> "$apt/log" 2>&1 || return 1
    source=$apt/${package}_$version.orig.tar.${file##*.}
    is_right "$source" || return 1
    mv "$source" "$tarball"
}

# The archives of other releases have the release with this version, too.
try_apt && exit 0
reason=$(sed -n 's/^[EW]: *//p' "$apt/log" | head -n 1)
for suite in $suites; do
    ! try_apt "$suite" || exit 0
done
unavailable "apt could not get $package $version from this machine's package" \
    "sources${reason:+ ($reason)}; is it offline? Set $variable to $file"
