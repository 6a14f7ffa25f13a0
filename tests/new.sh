#!/bin/sh
# SPDX-License-Identifier: MIT
# pytrace new: what it writes compiles as it is, with every compiler and build
# system that it has a file for, and has the markers that were chosen; and it
# overwrites nothing.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_markers "pytrace new"
if [ ! -x "$pytrace" ]; then
    skip "pytrace new" "pytrace was not built: libelf-dev is missing"
    finish
fi
PATH=$builddir:$PATH
export PATH
cd "$work" || exit 1
warnings="-Wall -Wextra -Wpedantic -Werror"
all="function__entry function__return line gc__start gc__done
import__find__load__start import__find__load__done audit"

# well FILE: the markers that pytrace check finds well, in order.
well() {
    "$pytrace" check "$1" | sed -n 's/^  ok  *\([a-z_]*\) .*/\1/p' |
        paste -sd ' ' -
}
every=$(echo "$all" | paste -sd ' ' -)

# ---- as it is

succeeds "a directory is written" "$pytrace" new first
same "what is in it" "Makefile README check.sh example.c example.h meson.build pytrace_probes.c
pytrace_probes.h test.program trace.c trace.cmake trace.h trace.m4 trace.mk" "$(cd first && echo * | fold -s -w 78 | sed 's/ $//')"
same "no word of a template is left" "" \
    "$(grep -l -e '@PROVIDER@' -e '@IF ' -e '@END@' -e '@EXCEPT@' first/*)"
for compiler in "gcc -std=c11" "clang -std=c11" "g++ -std=c++11 -x c++" \
    "clang++ -std=c++11 -x c++"; do
    have "${compiler%% *}" || {
        skip "$compiler" "there is no ${compiler%% *}"
        continue
    }
    # shellcheck disable=SC2086
    succeeds "$compiler: compiles as it is" \
        $compiler $warnings -O2 -o by-compiler first/example.c first/trace.c \
        first/pytrace_probes.c
    same "$compiler: has all eight" "$every" "$(well by-compiler)"
    rm -f by-compiler
done
# shellcheck disable=SC2086
succeeds "without markers: compiles, with nothing linked" \
    "${CC:-gcc}" $warnings -DPYTRACE_WITHOUT_DTRACE -o without \
    first/example.c first/trace.c
same "without markers: runs" "module one
an error was caught
generation 0" "$(./without first/test.program)"

# ---- what is placed nowhere

# nowhere NAME: what pytrace check says of the unplaced markers of NAME.
nowhere() {
    "$pytrace" check "$1" | sed -n 's/^  \([a-z_]*: is built in.*\)/\1/p'
}
# unplaced MARKER MACROS WHERE: an example without the macros.
unplaced() {
    sed "/TRACE_\($2\)(/d" first/example.c > first/unplaced.c
    for compiler in gcc clang; do
        have "$compiler" || continue
        for level in -O0 -O2; do
            "$compiler" $level -o unplaced first/unplaced.c first/trace.c \
                first/pytrace_probes.c > log 2>&1
            same "$compiler $level: $1 is placed nowhere, and goes there" \
                "$1: is built in, and fired nowhere: no source of the host has $3" \
                "$(nowhere unplaced)"
        done
    done
    rm first/unplaced.c
}
unplaced function__entry ENTRY "PYTRACE_FUNCTION_ENTRY(...), or \
TRACE_ENTRY(...) of pytrace new: write it where a function of the program has \
begun"
unplaced function__return 'RETURN\|UNWIND' "PYTRACE_FUNCTION_RETURN(...), or \
TRACE_RETURN(...) of pytrace new: write it where a function of the program has \
ended, also by an error"
unplaced line LINE "PYTRACE_LINE(...), or TRACE_LINE(...) of pytrace new: \
write it where another line begins"

# ---- the check for CI

check_example() {
    "$MAKE" -s -C "$1" check CC="${CC:-gcc}"
}
if why=$(can_record); then
    succeeds "make check: markers are there, promises are kept" \
        check_example first
    same "make check: each promise is judged" "0" \
        "$(check_example first 2>&1 | grep -c '^not seen')"
    succeeds "the same, in another directory" "$pytrace" new broken
    sed '/TRACE_UNWIND(current/d' broken/example.c > edited
    mv edited broken/example.c
    refuses "check.sh fails where abandoned frames do not return" \
        "BROKEN *entries and returns nest" check_example broken
    sed '/PYTRACE_AUDIT/d' first/example.c > broken/example.c
    refuses "check.sh fails where a marker is not fired" \
        "audit: is built in, and fired nowhere" check_example broken
else
    skip "the check for CI" "$why"
fi
# The same interpreter as a library, with a program that calls it.
"$pytrace" new library > log 2>&1
sed 's/^int main(/int library_main(/' library/example.c > library/library.c
echo 'int library_main(int, char **);
int main(int argc, char **argv) { return library_main(argc, argv); }' \
    > library/program.c
if "${CC:-gcc}" -fPIC -shared -o library/libhost.so library/library.c \
    library/trace.c library/pytrace_probes.c > log 2>&1 &&
    "${CC:-gcc}" -o library/host library/program.c -Llibrary -lhost \
        -Wl,-rpath,"$PWD/library" > log 2>&1 && why=$(can_record); then
    same "pytrace check of a program that is no host says only that" \
        "  this file: is no pytrace host: it has no note of one \
(.note.pytrace); if its markers are in a library, check that" \
        "$("$pytrace" check --except line library/host 2>&1 | sed 1d)"
    sed "s,^markers=.*,markers=$PWD/library/libhost.so," library/check.sh \
        > edited && cat edited > library/check.sh
    succeeds "check.sh of a library" library/check.sh library/host \
        library/test.program
else
    skip "check.sh of a library" "${why:-it does not build}"
fi
refuses "check.sh needs a program" "usage: check.sh INTERPRETER PROGRAM" \
    first/check.sh ./example

# ---- the options

succeeds "--markers and --provider" \
    "$pytrace" new --markers function__entry,function__return,gc__start \
    --provider my_lang --markers gc__done ./some.where/
same "--provider names the provider" "my_lang" \
    "$("${CC:-gcc}" -o chosen some.where/example.c some.where/trace.c \
        some.where/pytrace_probes.c 2> /dev/null &&
        readelf -nW chosen | sed -n 's/.*Provider: //p' | sort -u)"
refuses "the markers that were not chosen are fired nowhere" \
    "audit" "$pytrace" check chosen
same "check.sh excepts the others" \
    " --except line --except import__find__load__start --except import__find__load__done --except audit " \
    "$(sed -n 's/^pytrace check\(.* \)"$markers" .*/\1/p' some.where/check.sh)"
if why=$(can_record); then
    succeeds "check.sh passes with those that were chosen" \
        check_example some.where
fi
number_of_marker=0
for marker in $all; do
    number_of_marker=$((number_of_marker + 1))
    "$pytrace" new --provider lone --markers "$marker" "only-$number_of_marker" \
        > log 2>&1
    # shellcheck disable=SC2086
    "${CC:-gcc}" -std=c11 $warnings -o only "only-$number_of_marker/example.c" \
        "only-$number_of_marker/trace.c" \
        "only-$number_of_marker/pytrace_probes.c" >> log 2>&1 || break
    [ "$(well only)" = "$marker" ] || break
    marker=
done
same "each marker alone is in the example, and no other" "8:" "$number_of_marker:$marker"

# ---- what it refuses

refuses "a directory that is there" "first is there already" \
    "$pytrace" new first
: > file && ln -s nowhere link
for there in file link; do
    refuses "a $there that is there" "$there is there already" \
        "$pytrace" new "$there"
done
refuses "a directory in none" "none/new cannot be made: No such file" \
    "$pytrace" new none/new
refuses "no directory" "name one directory" "$pytrace" new
refuses "an empty name" "name one directory" "$pytrace" new ''
refuses "two directories" "name one directory" "$pytrace" new one two
refuses "a marker that there is not" "there is no marker 'lines'" \
    "$pytrace" new --markers line,lines one
refuses "an option that there is not" "see pytrace new --help" \
    "$pytrace" new --force one
succeeds "--help" "$pytrace" new --help

# With the generator's own rules.
differ=
for name in a lua my_lang A1b x1 1x _a a_ a__b 'a b' a-b '' int probe begin \
    timer pytrace Pytrace_x pytracer stap_a dtrace sdt_x NULL bool defined \
    abcdefghijklmnopqrstuvwxyzabcdef abcdefghijklmnopqrstuvwxyzabcdefg ü; do
    rm -rf named
    "$pytrace" new --provider "$name" named > log 2>&1
    [ -d named ] && ours=yes || ours=no
    # (Without a name, the generator takes the definition's.)
    if [ -n "$name" ] && echo @PROVIDER@ |
        generate -v probes="$srcdir/probes.d" -v provider="$name" - \
            > log 2>&1; then
        theirs=yes
    else
        theirs=no
    fi
    [ "$ours" = "$theirs" ] || differ="$differ $name"
done
same "a provider's name is refused where the generator refuses it" "" "$differ"
refuses "a directory's name that is no provider's" \
    "choose another with --provider NAME" "$pytrace" new a-b

# Files can have 4 KiB, and are then as if the disk were full.
on_full_disk() {
    (
        trap '' XFSZ
        ulimit -f 8
        "$pytrace" new full
    )
}
refuses "a full disk" "full/pytrace_probes.c cannot be written: File too large" \
    on_full_disk
same "what was not written whole is not there" "" "$(ls -d full 2> /dev/null)"
mkdir alone && cp "$pytrace" alone
if [ ! -d "$(sed -n 's/^pkgdatadir = //p' "$builddir/Makefile")" ]; then
    refuses "without its templates" "new-host cannot be read: No such file" \
        alone/pytrace new one
fi
same "nothing was made of what was refused" "" \
    "$(ls -d one two a-b none 2> /dev/null)"

# ---- the build systems

# A host whose headers are C++, as README says.
cp -R first in_cpp && mv in_cpp/trace.c in_cpp/trace.cpp
for file in mk cmake m4; do
    sed -e 's/trace\.c\([^a-z]\)/trace.cpp\1/' -e 's/trace\.c$/trace.cpp/' \
        "first/trace.$file" > "in_cpp/trace.$file"
done
cat > in_cpp/Makefile << 'END'
all: host
TRACE_DIR = .
include trace.mk
host: example.c $(TRACE_OBJECTS)
	$(CXX) $(TRACE_CPPFLAGS) -x c++ -o $@ example.c -x none $(TRACE_OBJECTS)
END
if have g++; then
    succeeds "C++" "$MAKE" -s -C in_cpp CC="${CC:-gcc}" CXX=g++
    same "C++: the host has all eight" "$every" "$(well in_cpp/host)"
else
    skip "C++" "there is no g++"
fi

# built NAME FILE: with all eight.
built() {
    same "$1: the host has all eight" "$every" "$(well "$2")"
}
for option in "" -DMARKERS=OFF; do
    have cmake || {
        skip "cmake $option" "there is no cmake"
        continue
    }
    rm -rf cmake && mkdir cmake && cp -R first cmake
    cat > cmake/CMakeLists.txt << 'END'
cmake_minimum_required(VERSION 3.12)
project(host CXX)
include(first/trace.cmake)
add_executable(host first/example.c)
trace_markers(host)
END
    succeeds "cmake $option" cmake -S cmake -B cmake/build $option
    succeeds "cmake $option: builds" cmake --build cmake/build
    if [ -z "$option" ]; then
        built cmake cmake/build/host
    else
        same "cmake $option: no markers" "" \
            "$(readelf -nW cmake/build/host | grep stapsdt)"
    fi
done
if have meson; then
    mkdir meson && cp -R first meson
    cat > meson/meson.build << 'END'
project('host', 'cpp')
subdir('first')
executable('host', 'first/example.c', dependencies: trace)
END
    succeeds "meson" meson setup meson/build meson
    succeeds "meson: builds" meson compile -C meson/build
    built meson meson/build/host
else
    skip "meson" "there is no meson"
fi
if have autoreconf; then
    mkdir autoconf && cp -R first autoconf
    cat > autoconf/configure.ac << 'END'
AC_INIT([host], [1])
AM_INIT_AUTOMAKE([foreign subdir-objects])
AC_PROG_CC
m4_include([first/trace.m4])
AC_CONFIG_FILES([Makefile])
AC_OUTPUT
END
    cat > autoconf/Makefile.am << 'END'
bin_PROGRAMS = host
host_SOURCES = first/example.c
host_SOURCES += first/pytrace_probes.c first/pytrace_probes.h \
    first/trace.c first/trace.h
host_CPPFLAGS = -I$(srcdir)/first $(TRACE_CPPFLAGS)
END
    in_autoconf() {
        (cd autoconf && "$@")
    }
    succeeds "autoconf" in_autoconf autoreconf -fi
    for option in "" --disable-markers; do
        succeeds "autoconf $option: configure" in_autoconf ./configure $option
        succeeds "autoconf $option: builds" in_autoconf "$MAKE" -s clean all
        if [ -z "$option" ]; then
            built autoconf autoconf/host
        else
            same "autoconf $option: no markers" "" \
                "$(readelf -nW autoconf/host | grep stapsdt)"
        fi
    done
else
    skip "autoconf" "there is no autoreconf"
fi
mkdir plain && cp -R first plain
cat > plain/Makefile << 'END'
all: host
TRACE_DIR = first
include first/trace.mk
host: first/example.c $(TRACE_OBJECTS)
	$(CC) $(TRACE_CPPFLAGS) -o $@ first/example.c $(TRACE_OBJECTS)
END
succeeds "plain make" "$MAKE" -s -C plain CC="${CC:-gcc}"
built "plain make" plain/host
finish
