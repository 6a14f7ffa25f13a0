#!/bin/sh
# Installing, uninstalling, building in the tree, and the release.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_markers "installing"
cd "$builddir" || exit 1
make_quietly() {
    "$MAKE" -s "$@"
}
files() {
    (cd "$1" && find . ! -type d | sort)
}

if [ -x pytrace-check ]; then
    program=./opt/pytrace/bin/pytrace-check manual=1/pytrace-check.1
else
    program='' manual=''
fi
expected="$program
./opt/pytrace/include/pytrace.h
./opt/pytrace/include/pytrace_probes.h
./opt/pytrace/lib/libpytrace.a
./opt/pytrace/lib/pkgconfig/pytrace.pc
./opt/pytrace/share/aclocal/pytrace.m4
${manual:+./opt/pytrace/share/man/man$manual}
./opt/pytrace/share/man/man3/pytrace.3
./opt/pytrace/share/man/man7/pytrace.7
./opt/pytrace/share/pytrace/probes.d
$(cd "$srcdir" && find scripts -type f ! -path "*/tapset/*" |
    sed 's|^|./opt/pytrace/share/pytrace/|' | sort)
./opt/pytrace/share/systemtap/tapset/pytrace-python.stp"

source=$work/source
succeeds "make distdir" make_quietly distdir distdir="$source"
cd "$source" || exit 1
succeeds "in the source tree: configure" \
    ./configure -q --disable-maintainer-mode --prefix=/opt/pytrace
succeeds "in the source tree: make" make_quietly
succeeds "make install DESTDIR" make_quietly install DESTDIR="$work/root"
same "what is installed" "$(echo "$expected" | grep .)" "$(files "$work/root")"
same "the scripts that are programs can be run" \
    "bpftrace/run dtrace/every.sh" \
    "$(cd "$work/root/opt/pytrace/share/pytrace/scripts" &&
        find . -type f -perm -u+x | sed 's|^./||' | sort | paste -sd ' ' -)"
same "pytrace.pc names the prefix, without DESTDIR" \
    "-I/opt/pytrace/include -L/opt/pytrace/lib -lpytrace" \
    "$(PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1 \
        PKG_CONFIG_PATH=$work/root/opt/pytrace/lib/pkgconfig \
        pkg-config --cflags --libs pytrace | sed 's/ *$//')"
same "nothing is linked but the C library's functions" "strcmp strlen" \
    "$(nm -u "$work/root/opt/pytrace/lib/libpytrace.a" |
        awk '$1 == "U" && $2 != "_GLOBAL_OFFSET_TABLE_" { print $2 }' |
        sort -u | tr '\n' ' ' | sed 's/ $//')"
succeeds "make uninstall DESTDIR" make_quietly uninstall DESTDIR="$work/root"
same "nothing is left" "" "$(files "$work/root")"
succeeds "make distclean" make_quietly distclean
same "distclean leaves what was released" "" \
    "$(cd "$builddir" && "$MAKE" -s distdir distdir="$work/again" > /dev/null &&
        diff -rq -x .deps "$work/again" "$source" 2>&1)"

# With a few of the tests, as all of them are running here already.
cd "$builddir" || exit 1
succeeds "make distcheck" "$MAKE" distcheck check_DATA= \
    TESTS="tests/unit.sh tests/generator.sh tests/guard_code.sh"
finish
