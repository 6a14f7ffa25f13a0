#!/bin/sh
# SPDX-License-Identifier: MIT
# generate.sh - run the generator, which is generate.awk and the files beside
# it. Takes what generate.awk says; AWK is the awk to use (default: awk).
#
# It runs in the C locale: in another one, toupper() may make letters that C's
# names cannot have.

here=$(dirname "$0")
for file in "$here"/*.awk; do
    set -- -f "$file" "$@"
done
# shellcheck disable=SC2086
LC_ALL=C exec ${AWK:-awk} "$@"
