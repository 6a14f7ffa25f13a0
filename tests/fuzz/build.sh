#!/bin/sh
# SPDX-License-Identifier: MIT
# build.sh - build a fuzzer of pytrace check or of pytrace print.
#
#   build.sh SRCDIR FUZZER SOURCE
#
# SRCDIR is pytrace's. FUZZER is made from tests/fuzz/SOURCE: a libFuzzer
# program, or one with a main() of its own, damage.c, with the sanitizers for
# addresses and for undefined behaviour. CLANG and LIBELF_LIBS are taken from
# the environment. Exit status 1 when it cannot be built.

set -eu
srcdir=$1 fuzzer=$2 source=$3

# The parts of the program that each of them calls.
case $source in
fuzzer.c)
    parts="base elf file json judge notes operands place process processors
        sections semaphores shapes table uses" ;;
*)
    parts="base chunks clock merge out print print_json print_text read
        recorded records shapes" ;;
esac
sources=
for part in $parts; do
    sources="$sources $srcdir/src/pytrace/$part.c"
done
libfuzzer=fuzzer,
[ "$source" != damage.c ] || libfuzzer=
# shellcheck disable=SC2086
${CLANG:-clang} -std=gnu11 -g -O1 -Wall -Wextra \
    -fsanitize=${libfuzzer}address,undefined -fno-sanitize-recover=undefined \
    -DPACKAGE_VERSION='"0"' -I"$srcdir/src/pytrace" -I"$srcdir/src/runtime" \
    -o "$fuzzer" "$srcdir/tests/fuzz/$source" $sources \
    ${LIBELF_LIBS:--lelf} -lz -lpthread
