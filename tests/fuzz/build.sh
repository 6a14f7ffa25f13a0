#!/bin/sh
# SPDX-License-Identifier: MIT
# build.sh - build a fuzzer of pytrace check or of pytrace print.
#
#   build.sh SRCDIR FUZZER SOURCE
#
# SRCDIR is pytrace's. FUZZER is made from tests/fuzz/SOURCE: a libFuzzer
# program, or one with a main() of its own, damage.c, with the sanitizers for
# addresses and for undefined behaviour. CLANG, LIBELF_LIBS and builddir (where
# generated headers are) are taken from the environment. Exit status 1 when it
# cannot be built.

set -eu
srcdir=$1 fuzzer=$2 source=$3

# The parts of the program that each of them calls: pytrace print can write what
# every view does, but top.
case $source in
fuzzer.c)
    sources=
    for part in base elf file json judge notes operands place process \
        processors sections semaphores shapes table text uses; do
        sources="$sources $srcdir/src/pytrace/$part.c"
    done ;;
*)
    sources=$(find "$srcdir/src/pytrace" -name '*.c' ! -name 'pytrace.c' \
        ! -name 'top*.c') ;;
esac
libfuzzer=fuzzer,
[ "$source" != damage.c ] || libfuzzer=
# shellcheck disable=SC2086
${CLANG:-clang} -std=gnu11 -g -O1 -Wall -Wextra \
    -fsanitize=${libfuzzer}address,undefined -fno-sanitize-recover=undefined \
    -DPACKAGE_VERSION='"0"' -DNEW_HOST='""' -DSCRIPTS='""' \
    -DPYTRACE_PYTHON_DIRECTORY='""' -I"$srcdir/src/pytrace" \
    -I"$srcdir/src/runtime" \
    -I"${builddir:-$srcdir/build}" \
    -o "$fuzzer" "$srcdir/tests/fuzz/$source" $sources \
    ${LIBELF_LIBS:--lelf} -lz -lpthread
