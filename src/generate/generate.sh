#!/bin/sh
# generate.sh - run the generator, which is generate.awk and the files beside
# it. Takes what generate.awk says; AWK is the awk to use (default: awk).
#
# It runs in the C locale: toupper() of another one may make letters that no name
# in C can have.

here=$(dirname "$0")
for file in "$here"/*.awk; do
    set -- -f "$file" "$@"
done
# shellcheck disable=SC2086
LC_ALL=C exec ${AWK:-awk} "$@"
