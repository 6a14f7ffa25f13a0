#!/bin/sh
# SPDX-License-Identifier: MIT
# build.sh - build a fuzzer of pytrace-check or of pytrace print.
#
#   build.sh SRCDIR FUZZER SOURCE
#
# SRCDIR is pytrace's. FUZZER is made from tests/fuzz/SOURCE: a libFuzzer
# program, or one with a main() of its own, damage.c, with the sanitizers for
# addresses and for undefined behaviour. CLANG and LIBELF_LIBS are taken from
# the environment. Exit status 1 when it cannot be built.

set -eu
srcdir=$1 fuzzer=$2 source=$3

# Those that have the program's parts, but its main().
case $source in
fuzzer.c)
    parts=$(sed -n '/^check_sources =/,/[^\\]$/p' "$srcdir/Makefile.am" |
        grep -o 'src/pytrace/[a-z_]*\.c' | grep -v /main.c |
        sed "s|^|$srcdir/|") ;;
*)
    parts=
    for part in base chunks clock merge out print print_json print_text \
        read recorded records shapes; do
        parts="$parts $srcdir/src/pytrace/$part.c"
    done ;;
esac
libfuzzer=fuzzer,
[ "$source" != damage.c ] || libfuzzer=
# shellcheck disable=SC2086
${CLANG:-clang} -std=gnu11 -g -O1 -Wall -Wextra \
    -fsanitize=${libfuzzer}address,undefined -fno-sanitize-recover=undefined \
    -DPACKAGE_VERSION='"0"' -I"$srcdir/src/pytrace" -I"$srcdir/src/runtime" \
    -o "$fuzzer" "$srcdir/tests/fuzz/$source" $parts \
    ${LIBELF_LIBS:--lelf} -lz -lpthread
