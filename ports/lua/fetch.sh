#!/bin/sh
# fetch.sh - get Lua's source: from LUA_TARBALL, or from the package source
# that this machine's apt already uses, whatever its address.
#
#   fetch.sh DIRECTORY
#
# Puts DIRECTORY/lua-5.4.4.tar.gz there, unless it is there already. Exit
# status 77 when there is no source to be had, with one line that says why.

set -eu
directory=$1
version=5.4.4
sum=164c7849653b80ae67bec4b7473b884bf5cc8d2dca05653475ec2ed27b9ebf61
tarball=$directory/lua-$version.tar.gz

unavailable() {
    echo "Lua's source: $*" >&2
    exit 77
}

is_right() {
    [ -r "$1" ] && [ "$(sha256sum < "$1" | cut -d' ' -f1)" = $sum ]
}

mkdir -p "$directory"

if [ -n "${LUA_TARBALL:-}" ]; then
    [ -r "$LUA_TARBALL" ] ||
        unavailable "LUA_TARBALL=$LUA_TARBALL cannot be read"
    is_right "$LUA_TARBALL" ||
        unavailable "LUA_TARBALL=$LUA_TARBALL is not lua-$version.tar.gz as" \
            "released (its SHA-256 differs)"
    cp "$LUA_TARBALL" "$tarball.tmp"
    mv "$tarball.tmp" "$tarball"
    exit 0
fi
if is_right "$tarball"; then
    exit 0
fi
command -v apt-get > /dev/null 2>&1 ||
    unavailable "this machine has no apt-get; set LUA_TARBALL to" \
        "lua-$version.tar.gz"

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
    package=$(with_apt apt-cache showsrc lua5.4 2>> "$apt/log" |
        sed -n "s/^Version: \($version-.*\)/\1/p" | head -n 1)
    [ -n "$package" ] || return 1
    (cd "$apt" &&
        with_apt apt-get source --tar-only "lua5.4=$package") \
        >> "$apt/log" 2>&1 || return 1
    is_right "$apt/lua5.4_$version.orig.tar.gz" || return 1
    mv "$apt/lua5.4_$version.orig.tar.gz" "$tarball"
}

# Debian 12 and Ubuntu 22.04 have this version; the archives of other
# releases have those releases too.
try_apt && exit 0
reason=$(sed -n 's/^[EW]: *//p' "$apt/log" | head -n 1)
if try_apt bookworm || try_apt jammy; then
    exit 0
fi
unavailable "apt could not get lua5.4 $version from this machine's package" \
    "sources${reason:+ ($reason)}; is it offline? Set LUA_TARBALL to" \
    "lua-$version.tar.gz"
