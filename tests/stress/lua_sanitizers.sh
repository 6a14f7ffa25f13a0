#!/bin/sh
# SPDX-License-Identifier: MIT
# lua_sanitizers.sh - the Lua port under sanitizers: the programs of the live
# cases (tests/live/lua), which must print what they print under the Lua that
# is not patched.
#
#   lua_sanitizers.sh BUILDDIR DIRECTORY address|valgrind [COUNT]
#
# Builds the port's source in DIRECTORY with the sanitizers for addresses and
# undefined behaviour of gcc, or for valgrind without; once as it is, and once
# with the markers enabled (enable.c). With the program COUNT (count.c), it is
# traced by the kernel as well, but not under valgrind; there stack_overflow.lua
# is left out, which takes as long as all others. Exit status 1 when something
# is found, or a program prints something else.

set -eu
here=$(cd "$(dirname "$0")" && pwd)
builddir=$1 directory=$2 kind=$3 count=${4:-}
cases=$here/../live/lua
source=$builddir/hosts/lua/src/patched/src
prefix=$builddir/hosts/lua/prefix
mkdir -p "$directory"
cd "$directory"
directory=$PWD

flags=
[ "$kind" = valgrind ] ||
    flags="-fsanitize=address,undefined -fno-sanitize-recover=all"
# build NAME [SOURCE]: from objects that are there already.
build() {
    name=$1
    shift
    # shellcheck disable=SC2086
    ${CC:-gcc} -g -O1 $flags -I"$prefix/include/pytrace-lua" \
        -o "$name" ./*.o "$@" \
        "$prefix/lib/libpytrace-lua.a" -lm -ldl -Wl,-E
}
# shellcheck disable=SC2086
for file in "$source"/*.c; do
    [ "$file" = "$source/luac.c" ] || echo "$file"
done | xargs -P 2 -n 9 ${CC:-gcc} -std=gnu99 -g -O1 $flags -DLUA_USE_LINUX \
    -DLUA_COMPAT_5_3 -I"$prefix/include/pytrace-lua" -c
build disabled
build enabled "$here/enable.c"

# compare WAY INTERPRETER: run the programs; WAY names the files.
compare() {
    for program in "$cases"/*.lua; do
        name=$(basename "$program" .lua)
        [ "$kind $name" != "valgrind stack_overflow" ] || continue
        [ -f "$name.expected" ] || sh "$here/../tools/run_program.sh" \
            "$builddir/hosts/lua/unpatched/lua" "$program" > "$name.expected"
        sh "$here/../tools/run_program.sh" "$2" "$program" |
            sh "$here/../tools/replace.sh" "$directory/disabled" lua \
                "$directory/enabled" lua > "$name.$1"
        diff -u "$name.expected" "$name.$1" || {
            echo "$kind, $1: $name.lua prints something else"
            exit 1
        }
    done
}

# interpreter WAY: it is a script, which comes as standard input.
interpreter() {
    mkdir -p "$1"
    cat > "$1/lua"
    chmod +x "$1/lua"
    compare "$1" "$directory/$1/lua"
}

if [ "$kind" = valgrind ]; then
    for how in disabled enabled; do
        interpreter "valgrind.$how" << END
#!/bin/sh
exec valgrind -q --trace-children=yes --log-file="$directory/$how.found.%p" \\
    "$directory/$how" "\$@"
END
    done
    if [ -n "$(find . -name '*.found.*' -size +0)" ]; then
        cat ./*.found.*
        exit 1
    fi
else
    for how in disabled enabled; do
        interpreter "sanitized.$how" << END
#!/bin/sh
exec "$directory/$how" "\$@"
END
    done
    if [ -n "$count" ]; then
        sh "$here/../tools/sites.sh" --offsets disabled > sites
        interpreter sanitized.traced << END
#!/bin/sh
exec "$count" "$directory/counts" "$directory/sites" all \\
    "$directory/disabled" "\$@"
END
        # varargs.lua, the last one, was seen.
        awk '/^function__/ { n[$1] = $2 }
            END {
                exit !n["function__entry"] ||
                    n["function__entry"] != n["function__return"]
            }' counts
    fi
fi
