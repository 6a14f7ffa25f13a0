#!/bin/sh
# SPDX-License-Identifier: MIT
# seeds.sh - make the recordings that fuzzing begins with.
#
#   seeds.sh SRCDIR DIRECTORY
#
# DIRECTORY is there. CC is taken from the environment.

set -eu
"${CC:-cc}" -I"$1/src/pytrace" -I"$1/src/runtime" -o "$2/make" \
    "$1/tests/print/make.c" -lz
"$2/make" < "$1/tests/print/all.txt" > "$2/all"
"$2/make" --swapped < "$1/tests/print/all.txt" > "$2/swapped"
"$2/make" --many 40 2 > "$2/many"
rm "$2/make"
