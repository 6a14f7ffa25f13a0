#!/bin/sh
# The packages of packaging/: Debian's, built from what is released, installed
# in a bare root, where a host is compiled against them; and the RPM's spec.
# SPDX-License-Identifier: MIT
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_markers "packages"
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

need "Debian's packages" dpkg-buildpackage dh lintian debootstrap
tar -C "$work" -czf "$work/pytrace_$version.orig.tar.gz" "pytrace-$version"
cp -R "$srcdir/packaging/debian" "$tree/debian"
chmod -R u+w "$tree/debian"
same "debian: the changelog has this version" "$version" \
    "$(dpkg-parsechangelog -l "$tree/debian/changelog" -S Version |
        sed 's/-[^-]*$//')"
build_packages() {
    (
        cd "$tree" || exit 1
        unset CC AWK DTRACE PKG_CONFIG
        dpkg-buildpackage -us -uc
    )
}
succeeds "debian: the packages build" build_packages
ls "$work"/*.changes > /dev/null || finish
same "debian: two packages" "libpytrace-dev pytrace" \
    "$(cd "$work" && for package in *.deb; do echo "${package%%_*}"; done |
        grep -v dbgsym | paste -sd ' ' -)"
same "debian: lintian finds nothing" "" \
    "$(lintian --allow-root "$work"/*.changes 2>&1)"

[ "$(id -u)" = 0 ] || {
    skip "debian: the packages in a bare root" "only root can make one"
    finish
}
# From where this machine's apt gets its own, its signatures checked. What
# debootstrap mounts is in a mount namespace of its own, and ends with it.
suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
# shellcheck disable=SC2016 # (apt's own variable)
archive=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
    2> "$work/log" | sed 's|/*$||' | grep '/debian$' | head -n 1)
[ -n "$archive" ] || {
    skip "debian: the packages in a bare root" \
        "apt has no lists of Debian's archive; run apt-get update"
    finish
}
root=$work/root
if ! unshare -m debootstrap --variant=minbase --force-check-gpg \
    --include=gcc,libc6-dev,pkg-config,libelf1,libmicrohttpd12,libncursesw6 \
    "$suite" "$root" "$archive" \
    > "$work/log" 2>&1; then
    fail "debian: a bare root" "$(tail -n 5 "$work/log")"
    finish
fi
in_root() {
    chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C "$@"
}
cp "$work/libpytrace-dev_"*.deb "$work/pytrace_"*.deb "$root/root"
cp "$srcdir/tests/embed/host.c" "$root/root"
succeeds "debian: the packages are installed in a bare root" \
    in_root sh -c 'dpkg -i /root/*.deb'
succeeds "debian: a host is compiled there" in_root sh -c 'cd /root &&
    gcc -O2 -Wall -Wextra -Werror $(pkg-config --cflags pytrace-python) \
        -o host host.c $(pkg-config --libs pytrace-python) && ./host'
succeeds "debian: pytrace check finds its markers well there" \
    in_root pytrace check /root/host
same "debian: the exporter's units are there, and not enabled" \
    "pytrace-export.service pytrace-export@.service" \
    "$(find "$root/lib/systemd/" "$root/etc/systemd" -name 'pytrace*' |
        sed 's|.*/||' | sort | paste -sd ' ' -)"
same "debian: pytrace runs there" "pytrace $version" \
    "$(in_root pytrace --version)"
succeeds "debian: pytrace new has its templates there, and they compile" \
    in_root sh -c 'cd /root && pytrace new toy &&
        gcc -Wall -Wextra -Werror -o toy/toy toy/*.c && pytrace check toy/toy'
same "debian: the host has all eight" "8" \
    "$(readelf -nW "$root/root/host" | grep -c 'Name: ')"
succeeds "debian: the packages are removed again" \
    in_root dpkg --purge libpytrace-dev pytrace
same "debian: nothing is left" "" \
    "$(find "$root/usr" "$root/etc" -name '*pytrace*')"
rm -rf "$root"
finish
