#!/bin/sh
# The packages of packaging/: Debian's, built from what is released with what
# they say they need, and installed in a bare root; and the RPM's spec.
# PYTRACE_PYTHONS is where the root file system of Debian's interpreters is kept,
# build/pythons unless given; a copy of it is that root.
# SPDX-License-Identifier: MIT
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_markers "packages"
# What is mounted here ends with this test.
if [ "$(id -u)" = 0 ] && [ -z "${PYTRACE_OWN_MOUNTS:-}" ]; then
    PYTRACE_OWN_MOUNTS=1 exec unshare -m --propagation private sh "$0"
fi
version=$(sed -n 's/^PACKAGE_VERSION = //p' "$builddir/Makefile")
tree=$work/pytrace-$version
(cd "$builddir" && "$MAKE" -s distdir distdir="$tree") > "$work/log" 2>&1

# ---- the RPM's spec

spec=$srcdir/packaging/rpm/pytrace.spec
if have rpmspec; then
    same "rpm: the spec has this version" "$version" \
        "$(rpmspec -q --qf '%{VERSION}\n' "$spec" 2> "$work/log" | sort -u)"
    succeeds "rpm: the spec is parsed" rpmspec -P "$spec"
else
    skip "rpm: the spec" "there is no rpmspec"
fi

# ---- Debian's packages

need "Debian's packages" dpkg-buildpackage dh lintian
tar -C "$work" -czf "$work/pytrace_$version.orig.tar.gz" "pytrace-$version"
cp -R "$srcdir/packaging/debian" "$tree/debian"
chmod -R u+w "$tree/debian"
same "debian: the changelog has this version" "$version" \
    "$(dpkg-parsechangelog -l "$tree/debian/changelog" -S Version |
        sed 's/-[^-]*$//')"

# packages DIRECTORY: the names of those in it.
packages() {
    (cd "$1" && for package in *.deb; do echo "${package%%_*}"; done |
        grep -v dbgsym | paste -sd ' ' -)
}

# Where CPython is older than 3.12.
build_here() {
    mkdir "$work/here" && cp -R "$tree" "$work/here" && (
        cd "$work/here/pytrace-$version" || exit 1
        unset CC AWK DTRACE PKG_CONFIG
        dpkg-buildpackage -b -us -uc -Ppkg.pytrace.nopython
    )
}
succeeds "debian: they build without the module for CPython" build_here
same "debian: two packages then" "libpytrace-dev pytrace" \
    "$(packages "$work/here")"
rm -rf "$work/here"

need_pythons "debian: all packages"
# shellcheck source=SCRIPTDIR/tools/debian.sh
. "$srcdir/tests/tools/debian.sh"

make_roots() {
    cp -a "$pythons/root" "$work/bare" && root=$work/bare && mount_root &&
        apt update && unmount_root && cp -a "$work/bare" "$work/builder"
}
build_packages() {
    mkdir "$root/build" &&
        cp -R "$tree" "$work/pytrace_$version.orig.tar.gz" "$root/build" &&
        apt build-dep -y --no-install-recommends "/build/pytrace-$version" &&
        in_root env -C "/build/pytrace-$version" -u CC -u AWK -u DTRACE \
            -u PKG_CONFIG dpkg-buildpackage -us -uc
}
succeeds "debian: two roots" make_roots
root=$work/builder
mount_root
succeeds "debian: the packages build with what they say they need" \
    build_packages
ls "$root"/build/*.changes > /dev/null || finish
same "debian: three packages" "libpytrace-dev python3-pytrace pytrace" \
    "$(packages "$root/build")"
same "debian: lintian finds nothing" "" \
    "$(lintian --allow-root "$root"/build/*.changes 2>&1)"

# ---- for an interpreter's author

cp "$srcdir/tests/embed/host.c" "$root/root"
succeeds "debian: libpytrace-dev and pytrace are installed" \
    in_root sh -c 'dpkg -i /build/libpytrace-dev_*.deb /build/pytrace_*.deb'
succeeds "debian: a host is compiled there" in_root sh -c 'cd /root &&
    gcc -O2 -Wall -Wextra -Werror $(pkg-config --cflags pytrace-python) \
        -o host host.c $(pkg-config --libs pytrace-python) && ./host'
succeeds "debian: pytrace check finds its markers well there" \
    in_root pytrace check /root/host
same "debian: the host has all eight" "8" \
    "$(readelf -nW "$root/root/host" | grep -c 'Name: ')"
same "debian: the exporter's units are there, and not enabled" \
    "pytrace-export.service pytrace-export@.service" \
    "$(find "$root/lib/systemd/" "$root/etc/systemd" -name 'pytrace*' |
        sed 's|.*/||' | sort | paste -sd ' ' -)"
succeeds "debian: pytrace new has its templates there, and they compile" \
    in_root sh -c 'cd /root && pytrace new toy &&
        gcc -Wall -Wextra -Werror -o toy/toy toy/*.c && pytrace check toy/toy'

# purged PACKAGE...: they leave nothing behind.
purged() {
    succeeds "debian: $* are removed again" in_root dpkg --purge "$@"
    same "debian: $*: nothing is left" "" \
        "$(find "$root/usr" "$root/etc" -name '*pytrace*')"
}
purged libpytrace-dev pytrace
unmount_root

# ---- for an operator, in a bare root

root=$work/bare
mount_root
mkdir "$root/packages"
cp "$work"/builder/build/python3-pytrace_*.deb \
    "$work"/builder/build/pytrace_*.deb "$root/packages"
cp "$srcdir/tests/attached/busy.py" "$srcdir/ports/cpython/demo/report.py" \
    "$root/pytrace"
succeeds "debian: pytrace is installed in a bare root" in_root sh -c \
    'apt-get install -y --no-install-recommends /packages/pytrace_*.deb'
same "debian: pytrace runs there" "pytrace $version" \
    "$(in_root pytrace --version)"

# attached PYTHON: what pytrace top shows of a program that it runs, as an
# ordinary user, with nothing prepared.
attached() {
    chroot --userspec=nobody:nogroup "$root" env -i PATH=/usr/bin sh -c '
        cd /tmp && mkfifo said && trap "kill \$running; rm said" EXIT
        '"$1"' /pytrace/busy.py > said & running=$!
        read -r ready < said
        pytrace top -p $running -d 2' 2> "$work/log"
}
scope=$(cat /proc/sys/kernel/yama/ptrace_scope 2> /dev/null || echo 0)
for python in python3.14 python3.15; do
    name="debian: pytrace top -p PID, unprepared $python, ordinary user"
    if [ "$scope" != 0 ]; then
        skip_extra "$name" "Yama is on"
        continue
    fi
    attached $python > "$work/out"
    if grep -q 'outer (/pytrace/busy.py:' "$work/out"; then
        pass "$name"
    else
        fail "$name" "expected the function outer, came:" \
            "$(cat "$work/out" "$work/log")"
    fi
done
succeeds "debian: python3-pytrace is installed there" in_root sh -c \
    'apt-get install -y --no-install-recommends /packages/python3-pytrace_*.deb'
for python in python3 python3.13 python3.14 python3.15; do
    succeeds "debian: $python -m pytrace: its functions are seen" \
        in_root sh -c "cd /tmp && pytrace time -- $python -m pytrace \
            /pytrace/report.py 2 | grep '(/pytrace/report.py:'"
done
purged python3-pytrace pytrace
unmount_root
remove_tree "$work/bare" "$work/builder"
finish
