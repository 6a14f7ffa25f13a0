#!/bin/sh
# SPDX-License-Identifier: MIT
# fetch.sh - get an interpreter's source: from a file, or from the package
# source that this machine's apt already uses, whatever its address.
#
#   fetch.sh DIRECTORY lua|cpython|quickjs|mruby|duktape
#   fetch.sh --release lua|cpython|quickjs|mruby|duktape
#
# Puts the file of a release, such as lua-5.4.4.tar.gz, into DIRECTORY, unless
# it is there already. LUA_VERSION, CPYTHON_VERSION and so on say which; where
# they are not set it is the first one of the list below. The file may be given
# as LUA_TARBALL, CPYTHON_TARBALL and so on.
# With --release, prints which release it is to be: LUA_VERSION and so on, else
# the release that the given file is, else the first of the list.
# Exit status 77 when there is no source to be had, or the given file is none
# of these, with one line that says why. Duktape is for bench/guards.sh.

set -eu
# What programs print is read below: in English, and bytes as they are.
LC_ALL=C
export LC_ALL
unset CDPATH
if [ $# != 2 ]; then
    echo "usage: fetch.sh DIRECTORY|--release" \
        "lua|cpython|quickjs|mruby|duktape" >&2
    exit 2
fi
directory=$1 name=$2
case $name in
lua)
    title=Lua wanted=${LUA_VERSION:-}
    variable=LUA_TARBALL given=${LUA_TARBALL:-} ;;
cpython)
    title=CPython wanted=${CPYTHON_VERSION:-}
    variable=CPYTHON_TARBALL given=${CPYTHON_TARBALL:-} ;;
quickjs)
    title=QuickJS wanted=${QUICKJS_VERSION:-}
    variable=QUICKJS_TARBALL given=${QUICKJS_TARBALL:-} ;;
mruby)
    title=mruby wanted=${MRUBY_VERSION:-}
    variable=MRUBY_TARBALL given=${MRUBY_TARBALL:-} ;;
duktape)
    title=Duktape wanted=${DUKTAPE_VERSION:-}
    variable=DUKTAPE_TARBALL given=${DUKTAPE_TARBALL:-} ;;
*)
    echo "fetch.sh: no interpreter is called $name; lua, cpython, quickjs," \
        "mruby and duktape are" >&2
    exit 2
    ;;
esac

unavailable() {
    echo "$title's source: $*" >&2
    exit 77
}

sum_of() {
    sha256sum < "$1" | cut -d' ' -f1
}

given_sum=none
if [ -n "$given" ]; then
    [ -r "$given" ] ||
        unavailable "$variable=$given cannot be read"
    given_sum=$(sum_of "$given")
fi
asked=$wanted known='' given_version='' package=''

# release NAME VERSION FILE PACKAGE SHA-256 SUITE...: what is known; the suites
# of Debian and Ubuntu are those that have the release.
release() {
    [ "$1" = "$name" ] || return 0
    known="$known${known:+, }$3"
    if [ "$given_sum" = "$5" ]; then
        given_version=$2
    fi
    [ "${wanted:=$2}" = "$2" ] || return 0
    version=$2 file=$3 package=$4 sum=$5
    shift 5
    suites=$*
}
release lua 5.4.4 lua-5.4.4.tar.gz lua5.4 \
    164c7849653b80ae67bec4b7473b884bf5cc8d2dca05653475ec2ed27b9ebf61 \
    bookworm jammy
release lua 5.4.9 lua-5.4.9.tar.gz lua5.4 \
    2335b6c582a52654f94612bf10d2f4672805d05329aa6568b1d8cd9e5c6fb8e6 testing
release lua 5.5.1 lua-5.5.1.tar.gz lua5.5 \
    1c4b4068d67061f2a2231ad2b5422e77acea1487ea9890f6320af614f4373dce testing
release cpython 3.13.5 Python-3.13.5.tar.xz python3.13 \
    93e583f243454e6e9e4588ca2c2662206ad961659863277afcdb96801647d640 trixie
release cpython 3.13.15 Python-3.13.15.tar.xz python3.13 \
    1e66a7945a48390ee4c2a4268a0e4185884059a13c4aab6d148aa208deea4a76 testing
release quickjs 2025.04.26 quickjs-2025.04.26.tar.xz quickjs \
    ec81da5b3249ed648dbc7df4a1654988910e66a118d9b71cb63534216efcfbbe trixie
release mruby 3.1.0 mruby-3.1.0.tar.gz mruby \
    64ce0a967028a1a913d3dfc8d3f33b295332ab73be6f68e96d0f675f18c79ca8 bookworm
release duktape 2.7.0 duktape-2.7.0.tar.xz duktape \
    90f8d2fa8b5567c6899830ddef2c03f3c27960b11aca222fa17aa7ac613c2890 bookworm

if [ -n "$given" ] && [ -z "$given_version" ]; then
    unavailable "$variable=$given is no release that is known by its" \
        "SHA-256; known are $known"
fi
if [ -z "$package" ]; then
    echo "fetch.sh: $title $wanted is not known; known are $known" >&2
    exit 2
fi
if [ "$directory" = --release ]; then
    echo "${asked:-${given_version:-$version}}"
    exit 0
fi
if [ -n "$given" ] && [ "$given_version" != "$version" ]; then
    unavailable "$variable=$given is $title $given_version, and here" \
        "$version is wanted; set it to $file"
fi
tarball=$directory/$file

is_right() {
    [ -r "$1" ] && [ "$(sum_of "$1")" = "$sum" ]
}

mkdir -p "$directory"

if [ -n "$given" ]; then
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
