#!/bin/sh
# SPDX-License-Identifier: MIT
# build.sh - build the fuzzer of pytrace-check.
#
#   build.sh SRCDIR FUZZER
#
# SRCDIR is pytrace's. FUZZER is made: a libFuzzer program, with the sanitizers
# for addresses and for undefined behaviour. CLANG and LIBELF_LIBS are taken
# from the environment. Exit status 1 when it cannot be built.

set -eu
srcdir=$1 fuzzer=$2

# shellcheck disable=SC2046,SC2086
${CLANG:-clang} -std=gnu11 -g -O1 -Wall -Wextra \
    -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
    -I"$srcdir/src/pytrace" -o "$fuzzer" "$srcdir/tests/fuzz/fuzzer.c" \
    $(find "$srcdir/src/pytrace" -name '*.c' ! -name main.c) \
    ${LIBELF_LIBS:--lelf}
