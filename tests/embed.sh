#!/bin/sh
# SPDX-License-Identifier: MIT
# A small host that embeds the markers in every way that the documents
# describe, each from an installed prefix outside the tree.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need "embedding" gcc pkg-config readelf autoreconf "$MAKE"
need_markers "embedding"

# From a copy of what is released, so that this works in the source tree too.
source=$work/source
(cd "$builddir" && $MAKE -s distdir distdir="$source") > "$work/log" 2>&1

# install_library NAME OPTION...: into $work/NAME.
install_library() {
    library=$1
    shift
    mkdir -p "$work/$library-build" && (
        cd "$work/$library-build" &&
            "$source/configure" --disable-maintainer-mode -q \
                --prefix="$work/$library" "$@" && $MAKE -s install)
}

succeeds "the library configures, builds and installs" \
    install_library prefix
PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig
export PKG_CONFIG_PATH
host=$srcdir/tests/embed/host.c
warnings="-Wall -Wextra -Wpedantic -Werror"

# "name arguments" of each note.
notes() {
    sh "$srcdir/tests/tools/sites.sh" "$1" | cut -d ' ' -f 2,5-
}

all_notes() {
    cat <<EOF
function__entry 8@%rdi 8@%rsi -4@%edx
function__return 8@%rdi 8@%rsi -4@%edx
line 8@%rdi 8@%rsi -4@%edx
gc__start -4@%edi
gc__done -8@%rdi
import__find__load__start 8@%rdi
import__find__load__done 8@%rdi -4@%esi
audit 8@%rdi 8@%rsi
EOF
}

# judge NAME BINARY: it has the markers, runs, evaluates nothing, and fires
# under gdb, which arms the semaphore.
judge() {
    case $(gcc -dumpmachine) in
    x86_64-*) same "$1: the notes" "$(all_notes)" "$(notes "$2")" ;;
    *) same "$1: the notes" "$(all_notes | sed 's/ .*//')" \
        "$(notes "$2" | sed 's/ .*//')" ;;
    esac
    same "$1: runs and evaluates no argument" "0 arguments evaluated" \
        "$("$2" 2>&1)"
    if have gdb; then
        same "$1: fires under gdb" \
            'event "host.event", 1 arguments evaluated' "$(
            gdb -q -batch -nx -ex 'set debuginfod enabled off' \
                -ex 'break -probe-stap python:function__entry' \
                -ex 'break -probe-stap python:audit' -ex run -ex continue \
                -ex 'printf "event \"%s\", ", (char *)$_probe_arg0' \
                -ex continue "$2" 2> "$work/gdb-errors" |
                grep -o -e '^event "[^"]*", ' -e '[0-9]* arguments evaluated' |
                tr -d '\n')"
    else
        skip "$1: fires under gdb" "there is no gdb"
    fi
}

# judge_without NAME BINARY: no markers, nothing linked, and it runs.
judge_without() {
    same "$1: no notes, no symbols" "" \
        "$(notes "$2"; nm "$2" | grep -E '_semaphore| [TU] pytrace_')"
    same "$1: runs" "0 arguments evaluated" "$("$2" 2>&1)"
}

# ---- pytrace new, as installed

if [ -x "$work/prefix/bin/pytrace" ]; then
    new_host() {
        (cd "$work" && prefix/bin/pytrace new newhost &&
            gcc -Wall -Wextra -Werror -o new-host newhost/*.c &&
            prefix/bin/pytrace check new-host)
    }
    succeeds "pytrace new: as installed, what it writes has its markers" new_host
else
    skip "pytrace new: as installed" "pytrace was not built"
fi

# ---- a configure of the host's own

cp -R "$srcdir/tests/embed/autoconf" "$work/autoconf"
chmod -R u+w "$work/autoconf"
cp "$host" "$work/autoconf"
cd "$work/autoconf" || exit 1
refuses "autoconf: a pytrace.m4 that is not found is an error" \
    "PYTRACE_WITH_DTRACE" \
    env ACLOCAL_PATH= autoreconf -fi
succeeds "autoconf: pytrace.m4 is found" \
    env ACLOCAL_PATH="$work/prefix/share/aclocal" autoreconf -fi
with_dtrace() {
    ./configure "$@" > configured && $MAKE -s clean all
}
succeeds "autoconf: configure and make" with_dtrace
same "autoconf: configure says so" "checking for --with-dtrace... yes" \
    "$(grep 'with-dtrace' configured)"
same "autoconf: configure says which pytrace" \
    "checking for pytrace-python... $("$work/prefix-build/config.status" --version |
        sed -n 's/^pytrace config.status \(.*\)/\1/p')" \
    "$(grep 'for pytrace' configured)"
judge "autoconf" ./host
succeeds "autoconf: --without-dtrace" with_dtrace --without-dtrace
same "autoconf: configure says no" "checking for --with-dtrace... no" \
    "$(grep 'with-dtrace' configured)"
judge_without "autoconf --without-dtrace" ./host
refuses "autoconf: --with-dtrace with a value is an error" \
    "--with-dtrace takes no value here" \
    ./configure --with-dtrace=/usr/bin/dtrace
without_pytrace() {
    env PKG_CONFIG_PATH= PKG_CONFIG_LIBDIR=/nonexistent ./configure "$@"
}
refuses "autoconf: without pytrace, an error says what to do" \
    "pytrace-python was not found: .*set PKG_CONFIG_PATH" without_pytrace
refuses "autoconf: without a name, the error says how to give one" \
    "PYTRACE_WITH_DTRACE(\[NAME\])" without_pytrace
refuses "autoconf: without pkg-config, an error says what to do" \
    "there is no pkg-config.*set PYTRACE_CFLAGS" \
    env PKG_CONFIG= ./configure
succeeds "autoconf: PYTRACE_CFLAGS and PYTRACE_LIBS do without pkg-config" \
    without_pytrace PYTRACE_CFLAGS="-I$work/prefix/include/pytrace-python" \
    PYTRACE_LIBS="$work/prefix/lib/libpytrace-python.a"

# remade LINE...: configure is made again, with these lines of configure.ac.
remade() {
    {
        sed '/^PYTRACE_WITH_DTRACE/,$d' \
            "$srcdir/tests/embed/autoconf/configure.ac"
        printf '%s\n' "$@" 'AC_CONFIG_FILES([Makefile])' AC_OUTPUT
    } > configure.ac
    ACLOCAL_PATH=$work/prefix/share/aclocal autoreconf -fi
}
refuses "autoconf: yes or no in the place of the provider's name is an error" \
    "the first argument is the provider's name" \
    remade 'PYTRACE_WITH_DTRACE([no])'
succeeds "autoconf: another provider, and no markers as the default" \
    remade 'PYTRACE_WITH_DTRACE([lua], [no])'
two='PYTRACE_WITH_DTRACE([lua], [no])
PYTRACE_WITH_DTRACE'
refuses "two providers in one configure" "one configure has one provider" \
    remade "$two([tree], [no])"
succeeds "one provider twice in a configure" remade "$two([lua], [no])"
refuses "autoconf: another provider is asked for by its name" \
    "pytrace-lua was not found.*--with-provider=lua" ./configure
same "autoconf: the default is no" "checking for --with-dtrace... no" \
    "$(./configure 2>&1 | grep 'with-dtrace')"

# ---- for another processor, with the pkg-config for that one

mkdir bin
for program in aarch64-linux-gnu-pkg-config pkg-config; do
    cat > "bin/$program" << EOF
#!/bin/sh
case "\$*" in
*--cflags*) echo -Dasked_$(echo $program | tr - _) ;;
*--modversion* | *--version*) echo 1.0 ;;
esac
EOF
done
chmod +x bin/*
cross_flags() {
    echo '@PYTRACE_CFLAGS@ @FOO_CFLAGS@' > flags.in
    remade 'AC_SUBST([FOO_CFLAGS])' "$@" 'AC_CONFIG_FILES([flags])' &&
        (unset PKG_CONFIG && PATH=$PWD/bin:$PATH &&
            ./configure --host=aarch64-linux-gnu CC=gcc)
}
if [ -f "$(aclocal --print-ac-dir)/pkg.m4" ]; then
    foo='PKG_CHECK_MODULES([FOO], [foo])'
    asked=-Dasked_aarch64_linux_gnu_pkg_config
    cross_flags PYTRACE_WITH_DTRACE "$foo" > log 2>&1
    same "--host: PYTRACE_WITH_DTRACE, then PKG_CHECK_MODULES" \
        "$asked $asked" "$(cat flags)"
    rm -f flags
    cross_flags "$foo" PYTRACE_WITH_DTRACE > log 2>&1
    same "--host: PKG_CHECK_MODULES, then PYTRACE_WITH_DTRACE" \
        "$asked $asked" "$(cat flags)"
else
    skip "--host: with PKG_CHECK_MODULES" "there is no pkg.m4"
fi

# ---- pkg-config alone

cd "$work" || exit 1
# shellcheck disable=SC2046,SC2086
succeeds "pkg-config: one line compiles and links" \
    gcc $warnings -O2 $(pkg-config --cflags pytrace-python) -o by-pkg-config "$host" \
    $(pkg-config --libs pytrace-python)
judge "pkg-config" "$work/by-pkg-config"
# shellcheck disable=SC2046,SC2086
succeeds "pkg-config: a host that lists its markers" \
    gcc $warnings -DHOST_LISTS_MARKERS $(pkg-config --cflags pytrace-python) \
    -o lists "$host" $(pkg-config --libs pytrace-python)
same "pkg-config: pytrace.h lists the markers" \
    "$(all_notes | sed 's/ .*//; s/^/python:/'; echo 0 arguments evaluated)" \
    "$(./lists)"
# shellcheck disable=SC2046,SC2086
refuses "pkg-config: an argument of the wrong type is an error" \
    "incompatible\|makes pointer" \
    gcc $warnings -x c $(pkg-config --cflags pytrace-python) -c -o /dev/null - << 'EOF'
#include "pytrace_probes.h"
void f(void) { PYTRACE_LINE(1, "f", 1); }
EOF

# ---- C++

if have g++; then
    for standard in c++11 c++20; do
        # shellcheck disable=SC2046,SC2086
        succeeds "$standard: compiles and links" \
            g++ -std=$standard $warnings -O2 -x c++ \
            $(pkg-config --cflags pytrace-python) -o by-$standard "$host" \
            $(pkg-config --libs pytrace-python)
        judge "$standard" "$work/by-$standard"
    done
else
    skip "C++" "there is no g++"
fi

# ---- the bundle: two files, and neither dtrace nor sys/sdt.h

succeeds "bundle: make bundle" "$MAKE" -s -C "$work/prefix-build" bundle
mkdir -p tree
cp prefix-build/bundle/pytrace_probes.? "$host" tree
same "bundle: two files" "pytrace_probes.c pytrace_probes.h" \
    "$(cd prefix-build/bundle && echo *)"
for compiler in gcc clang; do
    have $compiler || {
        skip "bundle, $compiler" "there is no $compiler"
        continue
    }
    # shellcheck disable=SC2086
    succeeds "bundle, $compiler: is strict C99" \
        $compiler -std=c99 $warnings -Itree -c -o strict.o tree/pytrace_probes.c
    # shellcheck disable=SC2086
    succeeds "bundle, $compiler: compiles" \
        $compiler $warnings -O2 -Itree -o by-bundle tree/host.c \
        tree/pytrace_probes.c
    judge "bundle, $compiler" "$work/by-bundle"
done
same "bundle: does not read sys/sdt.h" "" \
    "$(gcc -Itree -M tree/pytrace_probes.c | grep 'sys/sdt')"

# ---- no markers

for language in c c++; do
    have g++ || [ $language = c ] || continue
    # shellcheck disable=SC2086
    succeeds "without, $language: compiles with nothing linked" \
        gcc $warnings -O0 -x $language -DPYTRACE_WITHOUT_DTRACE \
        -I"$work/prefix/include/pytrace-python" -o "without-$language" "$host"
    judge_without "without, $language" "$work/without-$language"
done
# shellcheck disable=SC2086
refuses "without: an argument of the wrong type is still an error" \
    "incompatible\|makes pointer" \
    gcc $warnings -x c -DPYTRACE_WITHOUT_DTRACE -I"$work/prefix/include/pytrace-python" -c \
    -o /dev/null - << 'EOF'
#include "pytrace_probes.h"
void f(void) { PYTRACE_LINE(1, "f", 1); }
EOF

succeeds "--without-dtrace: the library configures, builds and installs" \
    install_library none --without-dtrace
PKG_CONFIG_PATH=$work/none/lib/pkgconfig
# shellcheck disable=SC2046,SC2086
succeeds "--without-dtrace: the host builds unchanged" \
    gcc $warnings -DHOST_LISTS_MARKERS $(pkg-config --cflags pytrace-python) \
    -o by-none "$host" $(pkg-config --libs pytrace-python)
judge_without "--without-dtrace" "$work/by-none"
same "--without-dtrace: other languages find the functions" "10" \
    "$(nm "$work/none/lib/libpytrace-python.a" | grep -c ' T pytrace_')"
finish
