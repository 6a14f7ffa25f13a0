#!/bin/sh
# build.sh - build the fuzzers of pytrace-check, and unpack their corpora.
#
#   build.sh SRCDIR BUILDDIR DIRECTORY
#
# SRCDIR and BUILDDIR are those of pytrace. Makes in DIRECTORY, for each of
# "file" and "definition",
#   NAME_fuzzer    a libFuzzer program, with the sanitizers for addresses and
#                  for undefined behaviour
#   NAME/          the corpus: each paragraph of tests/fuzz/NAME.hex, as bytes
# CLANG, AWK and LIBELF_LIBS are taken from the environment. Exit status 1 when
# something cannot be built.

set -eu
LC_ALL=C
export LC_ALL
srcdir=$1 builddir=$2 directory=$3
mkdir -p "$directory"

for name in file definition; do
    # shellcheck disable=SC2046,SC2086
    ${CLANG:-clang} -std=gnu11 -g -O1 -Wall -Wextra \
        -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
        -I"$srcdir/src/pytrace" -o "$directory/${name}_fuzzer" \
        "$srcdir/tests/fuzz/${name}_fuzzer.c" \
        "$builddir/src/pytrace/configured.c" \
        $(find "$srcdir/src/pytrace" -name '*.c' ! -name main.c \
            ! -name configured.c) ${LIBELF_LIBS:--lelf}
    rm -rf "${directory:?}/$name"
    mkdir "$directory/$name"
    ${AWK:-awk} -v directory="$directory/$name" '
        function value(digit)
        {
            return index("0123456789abcdef", digit) - 1
        }
        BEGIN {
            RS = ""
        }
        {
            gsub(/\n/, "")
            output = sprintf("%s/%03d", directory, NR)
            printf "" > output
            for (i = 1; i < length($0); i += 2)
                printf "%c", 16 * value(substr($0, i, 1)) + \
                    value(substr($0, i + 1, 1)) > output
            close(output)
        }' "$srcdir/tests/fuzz/$name.hex"
done
