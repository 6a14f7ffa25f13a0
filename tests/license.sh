#!/bin/sh
# SPDX-License-Identifier: MIT
# Each source file says its licence in its first comment. Programs that tests
# and benchmarks trace do not: what is expected of them has their lines' numbers.
# What programs make, and would name this machine's directories, is not in git.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

cd "$srcdir" || exit 1
if [ ! -e .git ] || ! git ls-files > "$work/listed" 2> /dev/null; then
    skip "each source file names its licence" "this is not a checkout of git"
    finish
fi
missing=
while read -r file; do
    case $file in
    tests/live/* | tests/tracers/* | tests/definitions/* | \
        bench/programs/*) continue ;;
    *.c | *.h | *.in | *.sh | *.awk | *.sed | *.m4 | *.ac | *.am | *.bt | \
        *.stp | *.d | quickstart | */run | */rules | tests/tools/vm/init*) ;;
    *) continue ;;
    esac
    [ ! -f "$file" ] || grep -q -F 'SPDX-License-Identifier: MIT' "$file" ||
        missing="$missing $file"
done < "$work/listed"
same "each source file names its licence" "" "$missing"
same "what programs make is not in git" "" \
    "$(grep -E '\.(pyc|[ao]|so|rec|log|trs)$' "$work/listed")"
finish
