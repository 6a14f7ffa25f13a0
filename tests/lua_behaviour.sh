#!/bin/sh
# Patched and not traced, Lua behaves as unpatched.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_lua "behaviour"

behaviour() {
    "$@" 2>&1 | sed "s|^$1:|lua:|"
    echo "exit status $?"
}

cd "$srcdir/tests/live/lua" || exit 1
for program in *.lua "../large.lua 1 20000" "../large.lua 2 20000 quiet"; do
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

patch=$srcdir/ports/lua/lua-5.4.4.patch
same "the patch only adds lines" "" "$(grep '^-[^-]' "$patch")"
same "the patch has no context" "" "$(grep '^ ' "$patch")"
same "the patch does not touch the eval loop" "" "$(grep 'src/lvm' "$patch")"
finish
