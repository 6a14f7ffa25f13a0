#!/bin/sh
# SPDX-License-Identifier: MIT
# picture.sh - README's picture, docs/flame.svg: a flame graph of a program in
# this tree. A README runs no script: the one of the flame graph is left out.
#
#   sh bench/picture.sh PYTRACE LUA > docs/flame.svg
#
# Times differ each time; tests/flame.sh checks that the rest does not.

set -eu
unset CDPATH
pytrace=$(realpath "$1")
# By the name that a reader of the picture has.
PATH=$(dirname "$(realpath "$2")"):$PATH
export PATH
cd "$(dirname "$0")/.."
made=$(mktemp "${TMPDIR:-/tmp}/flame.XXXXXX")
trap 'rm -f "$made"' EXIT
"$pytrace" flame -o "$made" -- lua tests/faults/quadratic.lua >&2
sed '/^<script>/,/<\/script>$/d' "$made"
