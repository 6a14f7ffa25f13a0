#!/bin/sh
# SPDX-License-Identifier: MIT
# fetch.sh - get Debian's kernel for a processor, by this machine's own apt and
# from where it gets its own packages.
#
#   fetch.sh DIRECTORY ARCHITECTURE KERNEL
#
# KERNEL is what follows linux-image- and the version in the package's name.
# Makes in DIRECTORY, unless they are there already and up to date,
#   kernel    as a machine boots it
#   release   the package it came from
# apt checks the signature. Exit status 77 when there is no kernel to be had,
# with one line that says why.

set -eu
if [ $# != 3 ]; then
    echo "usage: fetch.sh DIRECTORY ARCHITECTURE KERNEL" >&2
    exit 2
fi
architecture=$2
flavour=$3
# Debian 13, the first release that has all of these processors.
suite=trixie
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

unavailable() {
    echo "Debian's kernel for $architecture: $*" >&2
    exit 77
}

mkdir -p "$1"
directory=$(cd "$1" && pwd)
stamp="$suite $architecture $flavour"
if [ "$(cat "$directory/stamp" 2> /dev/null)" = "$stamp" ]; then
    exit 0
fi
for program in apt-get dpkg-deb; do
    command -v $program > /dev/null 2>&1 ||
        unavailable "there is no $program"
done
[ -r $keyring ] || unavailable "there is no $keyring to check it by"
free=$(df -Pm "$directory" | awk 'NR == 2 { print $4 }')
[ "$free" -gt 500 ] ||
    unavailable "$directory has ${free} MB free; it needs 500"

# A private configuration, so that the machine's own stays as it is.
apt=$directory/apt
rm -rf "$apt" "$directory/stamp"
trap 'rm -rf "$apt"' EXIT
mkdir -p "$apt/lists/partial" "$apt/archives/partial"

with_apt() {
    command=$1
    shift
    "$command" -q -o APT::Architecture="$architecture" \
        -o APT::Architectures="$architecture" \
        -o Dir::Etc::sourcelist="$apt/sources" \
        -o Dir::Etc::sourceparts=/dev/null -o Dir::State="$apt" \
        -o Dir::State::status=/dev/null -o Dir::Cache="$apt" \
        -o Acquire::Check-Valid-Until=false -o Acquire::Check-Date=false \
        -o Acquire::Languages=none -o Acquire::Retries=3 \
        -o Acquire::http::Timeout=30 -o APT::Sandbox::User= "$@"
}

archive=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
    2> "$apt/log" | sed 's|/*$||' | grep '/debian$' | head -n 1)
[ -n "$archive" ] ||
    unavailable "this machine's apt has no package lists of Debian's archive;" \
        "run apt-get update"
echo "deb [signed-by=$keyring] $archive $suite main" > "$apt/sources"
with_apt apt-get update >> "$apt/log" 2>&1 || true

# The newest that the archive does not only list, but has.
with_apt apt-cache pkgnames linux-image- 2>> "$apt/log" |
    grep -x "linux-image-[0-9][^-]*-$flavour" | sort -rV > "$apt/candidates"
while read -r package; do
    (cd "$apt" && with_apt apt-get download "$package") \
        >> "$apt/log" 2>&1 < /dev/null || continue
    dpkg-deb --fsys-tarfile "$apt/$package"_*.deb |
        (cd "$apt" && tar -xf - --wildcards './boot/vmlinu*')
    mv "$apt"/boot/vmlinu* "$directory/kernel"
    echo "$package" > "$directory/release"
    echo "$stamp" > "$directory/stamp"
    exit 0
done < "$apt/candidates"
reason=$(sed -n 's/^[EW]: *//p' "$apt/log" | head -n 1)
unavailable "apt could not get linux-image-$flavour of $suite from this" \
    "machine's package source${reason:+ ($reason)}; is it offline?"
