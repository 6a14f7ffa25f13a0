#!/bin/sh
# SPDX-License-Identifier: MIT
# Patched and not traced, Lua behaves as unpatched.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_lua "behaviour"

behaviour() {
    "$@" 2>&1 | sed "s|^$1:|lua:|"
    echo "exit status $?"
}

cd "$srcdir/tests/live/lua" || exit 1
large=../../lua/large.lua
[ -f $large ] || fail "the large program is there" "there is no $large"
for program in *.lua "$large 1 20000" "$large 2 20000 quiet"; do
    # shellcheck disable=SC2086
    expected=$(behaviour "$unpatched_lua" $program)
    for variant in "$lua" "$shared_lua"; do
        # shellcheck disable=SC2086
        same "$program, ${variant#"$builddir"/}" "$expected" \
            "$(behaviour "$variant" $program)"
    done
done

# What is in use at the start, in bytes; run as ./lua, as the name counts, too.
used() {
    (cd "${1%/*}" && ./lua -e 'print(collectgarbage("count") * 1024)')
}
for variant in "$lua" "$shared_lua"; do
    same "its state is as large, ${variant#"$builddir"/}" \
        "$(used "$unpatched_lua")" "$(used "$variant")"
done

same "no line is added to the eval loop" "" \
    "$(grep 'src/lvm' "$srcdir/ports/lua/lua.lines")"
finish
