#!/bin/sh
# SPDX-License-Identifier: MIT
# speed.sh - measure pytrace print: 10 million events of two threads.
#
#   speed.sh BUILDDIR

set -eu
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"${CC:-cc}" -O2 -I"$here/../../src/pytrace" -I"$here/../../src/runtime" \
    -o "$scratch/make" "$here/make.c" -lz
"$scratch/make" --many 10000000 2 > "$scratch/recording"
for form in "" --json; do
    echo "pytrace print $form"
    # shellcheck disable=SC2086
    time -p "$1/pytrace" print $form "$scratch/recording" > /dev/null
done
