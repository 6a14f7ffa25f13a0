#!/bin/sh
# SPDX-License-Identifier: MIT
# free_threaded.sh - build CPython as released, without the GIL, as no Debian
# has one: DIRECTORY/python, at -O1, in some minutes.
#
#   free_threaded.sh DIRECTORY
#
# CC, CPYTHON_VERSION and CPYTHON_TARBALL are taken from the environment. What
# has been built is kept. Exit status 77 when CPython's source cannot be had.

set -eu
unset CDPATH
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cd "$1"
name=cpython
log=$PWD/build.log
cc=${CC:-gcc}
# shellcheck source=SCRIPTDIR/../../ports/lib.sh
. "$here/../../ports/lib.sh"
version=$("$here/../../ports/fetch.sh" --release cpython)
stamp=$(echo "$version $cc" | cat - "$0" | sha256sum | cut -d' ' -f1)
if [ "$(cat stamp 2> /dev/null)" = "$stamp" ]; then
    exit 0
fi

build() {
    rm -rf src build &&
        tar -xJf "Python-$version.tar.xz" &&
        mv "Python-$version" src &&
        mkdir build &&
        (cd build && ../src/configure -q --disable-gil --without-ensurepip \
            CC="$cc" OPT="-DNDEBUG -O1 -Wall" &&
            make -s -j"$(getconf _NPROCESSORS_ONLN)") &&
        ln -sf build/python python
}

: > "$log"
"$here/../../ports/fetch.sh" . cpython
step "without the GIL" build
echo "$stamp" > stamp
