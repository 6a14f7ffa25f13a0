#!/bin/sh
# SPDX-License-Identifier: MIT
# configure: its options, and what it says when something is wrong.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need "configure" gcc python3
source=$work/source
(cd "$builddir" && $MAKE -s distdir distdir="$source") > "$work/log" 2>&1
mkdir "$work/build"
cd "$work/build" || exit 1

# The answers that do not change are kept, which saves seconds.
configure() {
    "$source/configure" --disable-maintainer-mode --cache-file=cache "$@"
}
says() {
    configure "$@" 2>&1 | grep -e 'with-dtrace' -e 'provider definition'
}

same "--with-dtrace is the default, and configure says so" \
    "checking for --with-dtrace... yes
checking the provider definition $source/probes.d... provider python, 8 markers" \
    "$(says)"
same "--without-dtrace: configure says so" "checking for --with-dtrace... no" \
    "$(says --without-dtrace | head -n 1)"
same "--with-provider: configure says so" "provider lua, 8 markers" \
    "$(says --with-provider=lua | sed -n 's/.*\.\.\. \(provider\)/\1/p')"

# ---- provider names

refused_provider() {
    refuses "--with-provider=$1 is refused" \
        "error: --with-provider: the provider's name '$1' must $2" \
        configure --with-provider="$1"
}
refused_provider 9lives "be a C identifier"
refused_provider my-lua "be a C identifier"
refused_provider my__lua "not contain '__'"
refused_provider lua54 "not end in a digit"
refused_provider a23456789012345678901234567890123 \
    "not be longer than 32 characters"
refuses "--with-provider alone is refused" "--with-provider needs a name" \
    configure --with-provider
refuses "--with-provider= is refused" "--with-provider needs a name" \
    configure --with-provider=

need_markers "other definitions and dtraces"

# ---- names of directories and programs

mkdir names
# In a directory of that name: refused, with the character.
for bad in ' ' : "'" '"' "\\" '$' '#' '%' '=' '&' '*' '['; do
    mkdir "names/my${bad}build"
    refuses "a build directory with '$bad' in its name is refused" \
        "error: the build directory, .*, has the character '[$bad]' in" \
        sh -c 'cd "$0" && "$1" -q' "names/my${bad}build" "$source/configure"
done
ln -s "$source" "names/my source"
refuses "a source directory with a blank in its name is refused" \
    "error: the source directory, .*, has the character ' '" \
    "names/my source/configure" -q
cp "$source/probes.d" "names/my probes.d"
refuses "a definition with a blank in its name is refused" \
    "error: --with-probes, .*/my probes.d, has the character ' '" \
    configure --with-probes="names/my probes.d"
refuses "a prefix with a blank in its name is refused" \
    "error: prefix, /opt/my usr, has the character ' '" \
    configure --prefix="/opt/my usr"
refuses "a directory below the prefix with a blank in its name is refused" \
    "error: includedir, /my include, has the character ' '" \
    configure --includedir="\${prefix}/my include"
refuses "an awk that is none is refused" "AWK=/none/awk is not an awk that" \
    "$source/configure" AWK=/none/awk
# What is not refused works: in a read-only source tree, under umask 077, with a
# temporary directory, a DESTDIR, a compiler and an awk of two words, and where
# another locale would have its own capital letters.
cat > names/awk-in-c <<'EOF'
#!/bin/sh
[ "$LC_ALL" = C ] || { echo "awk: not in the C locale" >&2; exit 1; }
exec "$@"
EOF
chmod +x names/awk-in-c
built_oddly() {
    mkdir -p "names/bücher,+@^~" "names/my tmp" || return 1
    if have setpriv && [ "$(id -u)" = 0 ]; then
        # Also root cannot write there, without the capability to.
        set -- setpriv --bounding-set -dac_override,-dac_read_search \
            --inh-caps -dac_override,-dac_read_search
    else
        set --
    fi
    chmod -R a-w "$source"
    (
        umask 077
        LC_ALL=tr_TR.UTF-8
        cd "names/bücher,+@^~" &&
            TMPDIR=$work/build/names/my\ tmp CDPATH=/:/tmp "$@" \
                "$source/configure" -q --disable-maintainer-mode \
                CC="env ${CC:-gcc}" AWK="$work/build/names/awk-in-c ${AWK:-awk}" \
                CFLAGS="-O2  -g -Wl,-z,relro" &&
            "$@" "$MAKE" -s -j2 install V=1 DESTDIR="$work/build/names/my root"
    )
    status=$?
    chmod -R u+w "$source"
    return "$status"
}
succeeds "odd surroundings: configure, make and make install" built_oddly
same "odd surroundings: what is installed is for all" "" \
    "$(find "names/my root" ! -type d ! -perm -a+r 2>&1)"
same "odd surroundings: the library has its markers" "8" \
    "$(sh "$srcdir/tests/tools/sites.sh" \
        "names/my root/usr/local/lib/libpytrace-python.a" | wc -l)"

# ---- other definitions

cat > frame.d <<'EOF'
provider lua {
    /* A function begins. */
    probe function__entry(const char *filename, const char *funcname,
                          int lineno, void *frame);
    probe custom(unsigned short number);
    probe nothing();
    probe names(const char *readable, int probe_names, int errno,
                const int linux, const char *const stdin, void *const c);
    probe types(char *a, char const *b, const uint8_t c, size_t d, int64_t *e,
                const void *const *f);
};
EOF
with_frame() {
    configure -q --with-probes=frame.d &&
        "$MAKE" -s libpytrace.a CFLAGS="-O2 -Wall -Wextra -Werror"
}
succeeds "--with-probes=FILE builds without a warning" with_frame
for language in c c++; do
    have g++ || [ $language = c ] || continue
    succeeds "--with-probes=FILE: its header is good $language" \
        gcc -x $language -Wall -Wextra -Wpedantic -Werror -Iinclude \
        -c -o host.o - << 'EOF'
#include <errno.h>
#include <stdio.h>
#include "pytrace_probes.h"
#include "pytrace.h"
int main(void)
{
    PYTRACE_NOTHING();
    PYTRACE_NAMES("a", 1, 2, 3, "b", NULL);
    PYTRACE_CUSTOM(1);
    return pytrace_find("nothing")->argument_count != 0;
}
EOF
done
case $(gcc -dumpmachine) in
x86_64-*)
    same "--with-probes=FILE: its notes" \
        "lua function__entry 8@%rdi 8@%rsi -4@%edx 8@%rcx
lua custom 2@%di
lua nothing
lua names 8@%rdi -4@%esi -4@%edx -4@%ecx 8@%r8 8@%r9
lua types 8@%rdi 8@%rsi 1@%dl 8@%rcx 8@%r8 8@%r9" \
        "$(sh "$srcdir/tests/tools/sites.sh" libpytrace.a |
            cut -d ' ' -f 1,2,5-)" ;;
esac
same "--with-probes=FILE: what is installed is that definition" \
    "provider lua {
    /*
     * A function begins.
     */
    probe function__entry(const char *filename, const char *funcname,\
 int lineno, void *frame);" \
    "$("$MAKE" -s provider/probes.d > log 2>&1; head -n 5 provider/probes.d)"
printf 'provider p {\n    probe a(int x)\n};\n' > broken.d
refuses "a broken definition is refused with file, line and reason" \
    "error: .*/broken.d:3: expected ';' after probe 'a', found '}'" \
    configure --with-probes=broken.d
for file in nowhere.d .; do
    refuses "--with-probes=$file, which is no file, is refused" \
        "error: --with-probes=$file: there is no such file" \
        configure --with-probes=$file
done
refuses "--with-probes alone is refused" "--with-probes needs a file" \
    configure --with-probes

# ---- which dtrace

refuses "a dtrace that is not there is an error" "there is no such program" \
    configure --with-dtrace=/nonexistent/dtrace
mkdir -p bin sbin
cat > bin/not-called-so <<EOF
#!/bin/sh
exec "$DTRACE" "\$@"
EOF
# What a real DTrace does, as far as configure looks: its header has tests that
# read no semaphore. (A real one builds the library in the case dtrace-build.)
cat > sbin/dtrace <<'EOF'
#!/bin/sh
while [ $# -gt 0 ]; do
    [ "$1" != -o ] || echo '#define P_LINE_ENABLED() other_check()' > "$2"
    shift
done
EOF
cat > bin/uncompilable <<EOF
#!/bin/sh
"$PWD/sbin/dtrace" "\$@"
while [ \$# -gt 0 ]; do
    [ "\$1" != -o ] || echo '#include "not-there.h"' >> "\$2"
    shift
done
EOF
cat > bin/useless <<'EOF'
#!/bin/sh
exit 1
EOF
chmod +x bin/* sbin/*
succeeds "systemtap's dtrace is told by what it does, not by its name" \
    configure --with-dtrace="$PWD/bin/not-called-so"
same "a real DTrace is told by what it does" \
    "  dtrace    $PWD/sbin/dtrace (a real DTrace)" \
    "$(configure --with-dtrace="$PWD/sbin/dtrace" | grep '^  dtrace ')"
refuses "a real DTrace's markers cannot be bundled" \
    "configured with a real DTrace, whose markers cannot be bundled" \
    "$MAKE" -s bundle
refuses "a real DTrace has instructions of its own at a probe" \
    "--with-probe-nop is of no use with a real DTrace" \
    configure --with-dtrace="$PWD/sbin/dtrace" --with-probe-nop=nop
refuses "a real DTrace whose header does not compile is an error with advice" \
    "the header that .*bin/uncompilable makes cannot be compiled; set CPPFLAGS" \
    configure --with-dtrace="$PWD/bin/uncompilable"
same "a real DTrace first on the path is passed over for systemtap's" \
    "checking what $PWD/sbin/dtrace does with probes.d... as a real DTrace
checking what $DTRACE does with probes.d... a header, as systemtap's" \
    "$(PATH=$PWD/sbin:$PATH configure 2>&1 | grep 'does with probes.d')"
refuses "a program that does nothing useful is an error with advice" \
    "bin/useless is not a dtrace that works.*systemtap-sdt-dev (Debian, Ubuntu), .*(Fedora) or systemtap (Arch).*--without-dtrace" \
    configure --with-dtrace="$PWD/bin/useless"
rm -f cache
refuses "a compiler that makes no ELF is an error with advice" \
    "markers need GCC or clang and an ELF system; configure with --without" \
    configure CPPFLAGS=-U__ELF__
rm -f cache
refuses "a missing sys/sdt.h is an error with advice" \
    "sys/sdt.h was not found. .*systemtap-sdt-dev .*--without-dtrace" \
    configure ac_cv_header_sys_sdt_h=no

# ---- the recorder

# recorder OPTION...: what the summary says of it.
recorder() {
    configure "$@" 2>&1 | sed -n 's/^  recorder  //p'
}
rm -f cache
same "without markers there is no recorder, and configure says so" \
    "no: there are no markers" "$(recorder --without-dtrace)"
rm -f cache
same "where a processor lacks what the recorder needs, configure says so" \
    "no: it needs Linux, and atomic access to 8 bytes" \
    "$(recorder CPPFLAGS=-U__linux__)"
rm -f cache
same "--without-recorder: configure says so" "no: configured --without-recorder" \
    "$(recorder --without-recorder)"
same "--without-recorder: the library calls strcmp and strlen, and nothing else" \
    "strcmp strlen" \
    "$("$MAKE" -s libpytrace.a > "$work/log" 2>&1
        nm -u libpytrace.a | awk '
            NF == 2 && $2 != "_GLOBAL_OFFSET_TABLE_" { print $2 }' |
        sort -u | paste -s -d ' ' -)"
case $(uname -s) in
Linux)
    same "there is a recorder, and configure says so" "yes" "$(recorder)" ;;
esac
refuses "--with-recorder=VALUE is an error" "--with-recorder takes no value" \
    configure --with-recorder=always

# ---- what the program needs

rm -f cache
mkdir no-zlib
echo '#error "there is none"' > no-zlib/zlib.h
same "without zlib there is no program, and configure says why" \
    "not built: zlib is missing (zlib1g-dev on Debian and Ubuntu, zlib-devel \
on Fedora, zlib on Arch)" \
    "$(configure CPPFLAGS=-Ino-zlib PKG_CONFIG="$PKG_CONFIG" |
        sed -n 's/^  program   //p')"
microhttpd() {
    rm -f cache
    configure "$@" 2>&1 | sed -n 's/^checking for libmicrohttpd\.\.\. //p'
}
same "--without-microhttpd: configure says so" no \
    "$(microhttpd --without-microhttpd)"
mkdir no-microhttpd
echo '#error "there is none"' > no-microhttpd/microhttpd.h
same "without libmicrohttpd the program is built all the same" no \
    "$(microhttpd CPPFLAGS=-Ino-microhttpd)"
rm -f cache
refuses "--with-microhttpd, and there is none" "libmicrohttpd is missing" \
    configure --with-microhttpd CPPFLAGS=-Ino-microhttpd
finish
