#!/bin/sh
# measure.sh - what the markers cost while nobody traces, in instructions: the
# figures that tests/cost/expected holds, and tests/cost.sh compares.
#
#   measure.sh DIRECTORY
#
# DIRECTORY is for what is built. Needs $builddir, where the header is, and CC.

set -eu
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
source=$here/../..
directory=$1
mkdir -p "$directory"
tarball=${builddir:?}/hosts/lua/lua-5.4.4.tar.gz
if [ -f "$tarball" ]; then
    export LUA_TARBALL="${LUA_TARBALL:-$tarball}"
fi
sh "$source/bench/untraced.sh" --counts "$directory" \
    "$directory/results.new" >&2
mv "$directory/results.new" "$directory/results"

cat << 'END'
# What the markers cost while nobody traces; tests/cost.sh compares it with what
# it finds. To renew it:
#     make -s -C build cost > tests/cost/expected

# Lua: instructions more than as released, in % (bench/untraced.sh --counts)
END
awk -F '\t' '
    $1 == "instructions" && $4 == "%" {
        more = sprintf("%.2f", $5)
        printf "%-10s %+.2f\n", $2, more + 0 ? more : 0
    }' \
    "$directory/results"

printf '\n# The guards of tests/code/guard.c, -O2: what is executed\n'
${CC:-gcc} -O2 -fPIC -I"$builddir/include" -c "$here/../code/guard.c" \
    -o "$directory/guard.o"
objdump -dr --no-show-raw-insn "$directory/guard.o" |
    awk -v functions="one group group_or wait poll" -f "$here/hot_path.awk"
