#!/bin/sh
# SPDX-License-Identifier: MIT
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

if [ -x pytrace ]; then
    program=./opt/pytrace/bin/pytrace
    manuals='./opt/pytrace/share/man/man1/pytrace-check.1
./opt/pytrace/share/man/man1/pytrace.1'
    bash=./opt/pytrace/share/bash-completion/completions/pytrace
    zsh=./opt/pytrace/share/zsh/site-functions/_pytrace
    new=$({ (cd "$srcdir" && ls templates/*)
        echo templates/pytrace_probes.c
        echo templates/pytrace_probes.h
    } | sed 's|^templates|./opt/pytrace/share/pytrace/new-host|' | sort)
else
    program='' manuals='' bash='' zsh='' new=''
fi
expected="$program
./opt/pytrace/include/pytrace-python/pytrace.h
./opt/pytrace/include/pytrace-python/pytrace_probes.h
./opt/pytrace/lib/libpytrace-python.a
./opt/pytrace/lib/pkgconfig/pytrace-python.pc
./opt/pytrace/share/aclocal/pytrace.m4
$bash
$manuals
./opt/pytrace/share/man/man3/pytrace.3
./opt/pytrace/share/man/man7/pytrace.7
$new
./opt/pytrace/share/pytrace/python/probes.d
$(cd "$srcdir" && find scripts -type f ! -path "*/tapset/*" |
    sed 's|^|./opt/pytrace/share/pytrace/|' | sort)
./opt/pytrace/share/systemtap/tapset/pytrace-python.stp
$zsh"

source=$work/source
succeeds "make distdir" make_quietly distdir distdir="$source"
# What autoreconf makes is released; objects and what tests leave are not.
made="Makefile.in aclocal.m4 build-aux/ar-lib build-aux/compile
build-aux/depcomp build-aux/install-sh build-aux/missing
build-aux/tap-driver.sh configure"
if [ -e "$srcdir/.git" ] && have git &&
    git -C "$srcdir" -c core.quotePath=false ls-files > "$work/listed" \
        2> /dev/null; then
    same "the release has what git has, and what autoreconf makes" \
        "$({ cat "$work/listed"; echo "$made" | tr ' ' '\n'; } | sort)" \
        "$(files "$source" | sed 's|^\./||')"
else
    skip "the release has what git has" "this is not a checkout of git"
fi
cd "$source" || exit 1
succeeds "in the source tree: configure" \
    ./configure -q --disable-maintainer-mode --prefix=/opt/pytrace
succeeds "in the source tree: make" make_quietly
succeeds "make install DESTDIR" make_quietly install DESTDIR="$work/root"
same "what is installed" "$(echo "$expected" | grep .)" "$(files "$work/root")"
same "the scripts that are programs can be run" \
    "dtrace/every.sh" \
    "$(cd "$work/root/opt/pytrace/share/pytrace/scripts" &&
        find . -type f -perm -u+x | sed 's|^./||' | sort | paste -sd ' ' -)"
same "pytrace-python.pc names the prefix, without DESTDIR" \
    "-I/opt/pytrace/include/pytrace-python -L/opt/pytrace/lib -lpytrace-python" \
    "$(PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1 \
        PKG_CONFIG_PATH=$work/root/opt/pytrace/lib/pkgconfig \
        pkg-config --cflags --libs pytrace-python | sed 's/ *$//')"
# (Which of them, the compiler has a say in.)
printf '%s\n' __errno_location ___errno_location __fxstat __fxstat64 \
    __stack_chk_fail __tls_get_addr clock_gettime fcntl fcntl64 fstat fstat64 \
    getpid getrlimit getrlimit64 madvise memcmp memcpy mmap mmap64 munmap \
    sigaltstack strcmp strlen syscall > "$work/allowed"
same "nothing is linked but the C library's functions" "" \
    "$(nm -u "$work/root/opt/pytrace/lib/libpytrace-python.a" |
        awk '$1 == "U" && $2 != "_GLOBAL_OFFSET_TABLE_" { print $2 }' |
        grep -v -x -F -f "$work/allowed" | sort -u)"
succeeds "make uninstall DESTDIR" make_quietly uninstall DESTDIR="$work/root"
same "nothing is left" "" "$(files "$work/root")"
succeeds "make distclean" make_quietly distclean
same "distclean leaves what was released" "" \
    "$(cd "$builddir" && "$MAKE" -s distdir distdir="$work/again" > /dev/null &&
        diff -rq -x .deps "$work/again" "$source" 2>&1)"

# ---- make help

cd "$builddir" || exit 1
make_quietly help | sed -n 's/^  \([a-z-]*\)  .*/\1/p' | sort > "$work/helped"
unknown=
while read -r target; do
    grep -q -E "^([a-z -]* )?$target( [a-z -]*)?:" Makefile ||
        unknown="$unknown $target"
done < "$work/helped"
same "each target that make help names is one" "" "$unknown"
same "make help names each target of Makefile.am" "" \
    "$(sed -n 's/^\.PHONY: *//p' "$srcdir/Makefile.am" | tr ' ' '\n' |
        grep -v -x -e FORCE -e help | sort | comm -13 "$work/helped" -)"
same "make help names what everyone needs" "" \
    "$(printf '%s\n' all check clean dist distcheck install |
        comm -13 "$work/helped" -)"

# ---- two providers in one prefix

prefix=$work/one-prefix
for provider in quick janet; do
    mkdir "$work/$provider"
    (cd "$work/$provider" && "$source/configure" -q \
        --disable-maintainer-mode --with-provider=$provider \
        --prefix="$prefix" && make_quietly) > "$work/$provider/log" 2>&1
done
install_provider() {
    make_quietly -C "$work/$1" install
}
uninstall_provider() {
    make_quietly -C "$work/$1" uninstall
}
PKG_CONFIG_PATH=$prefix/lib/pkgconfig
export PKG_CONFIG_PATH
cat > "$work/host.c" << 'EOF'
#include "pytrace_probes.h"
int main(void)
{
    PYTRACE_GC_START(1);
    return 0;
}
EOF
# provider_of PROVIDER: which one a host has that asks pkg-config for it.
provider_of() {
    # shellcheck disable=SC2046
    ${CC:-gcc} -o "$work/host" "$work/host.c" \
        $(pkg-config --cflags --libs "pytrace-$1") &&
        readelf -nW "$work/host" | sed -n 's/.*Provider: //p' | sort -u
}
for order in "quick janet" "janet quick"; do
    first=${order% *} second=${order#* }
    succeeds "$order: install the first" install_provider "$first"
    files "$prefix" > "$work/first"
    succeeds "$order: install the second" install_provider "$second"
    for provider in quick janet; do
        same "$order: a host of $provider has its markers" "$provider" \
            "$(provider_of "$provider" 2>&1)"
    done
    succeeds "$order: uninstall the second" uninstall_provider "$second"
    same "$order: what the first has installed is left" \
        "$(cat "$work/first")" "$(files "$prefix")"
    same "$order: a host of the first still builds" "$first" \
        "$(provider_of "$first" 2>&1)"
    install_provider "$second" > "$work/log" 2>&1
    succeeds "$order: uninstall the first" uninstall_provider "$first"
    same "$order: what the second has installed is left" \
        "$(sed "s/$first/$second/" "$work/first" | sort)" "$(files "$prefix")"
    succeeds "$order: uninstall the last" uninstall_provider "$second"
    same "$order: nothing is left" "" "$(files "$prefix")"
    same "$order: no directory of a provider is left" "" \
        "$(find "$prefix" -name quick -o -name janet -o -name 'pytrace-*')"
done

# With a few of the tests, as all of them are running here already.
cd "$builddir" || exit 1
succeeds "make distcheck" "$MAKE" distcheck check_DATA= \
    TESTS="tests/unit.sh tests/generator.sh tests/guard_code.sh"
finish
