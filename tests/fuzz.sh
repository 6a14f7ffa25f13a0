#!/bin/sh
# Inputs that fuzzing has found, run with sanitizers; and whether pytrace-check
# reads a definition as generate.awk does. `make fuzz` looks for more.
#
# The inputs are kept as hexadecimal digits (tests/fuzz/NAME.hex), since what is
# in the repository is text. Those of files began as libraries that
# tests/check/notes.awk made for eight kinds of processor, those of definitions
# with probes.d and the definitions in generator.sh; tests/fuzz/run.sh says how
# to add to them.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

check=$builddir/pytrace-check
if [ ! -x "$check" ]; then
    skip "the corpora" "pytrace-check was not built"
    finish
fi
need "the corpora" clang
cd "$work" || exit 1

succeeds "the fuzzers are built" \
    sh "$srcdir/tests/fuzz/build.sh" "$srcdir" "$builddir" .
for name in file definition; do
    count=$(find "$name" -type f | wc -l)
    if "./${name}_fuzzer" -timeout=20 -rss_limit_mb=1024 "$name"/* \
        > "$name.log" 2>&1; then
        same "the corpus \"$name\" is clean under the sanitizers" "$count" \
            "$(grep -c '^Executed ' "$name.log")"
    else
        fail "the corpus \"$name\" is clean under the sanitizers" \
            "$(tail -n 40 "$name.log")"
    fi
done

# What the fuzzer has not: the sanitizers' own say on a mistake.
cat > wrong.c << 'EOD'
#include <stdint.h>
#include <stdlib.h>
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return size > 2 ? 0 : data[size];
}
EOD
clang -fsanitize=fuzzer,address,undefined -o wrong wrong.c
printf 'a' > one
refuses "a byte read behind the input's end would be found" \
    "heap-buffer-overflow" ./wrong one

# ---- one language, two readers

# What each has against a definition; nothing where it is accepted.
by_generate() {
    generate -v probes="$1" 2>&1 < /dev/null |
        shown
}
# A definition that is accepted is followed by a file that is not.
by_check() {
    "$check" --probes "$1" /dev/null 2>&1 |
        sed -e 's/^pytrace-check: //' -e '/^\/dev\/null: is a device/d' | shown
}
# As far as both show it: up to a NUL, and not the whole of a long name.
shown() {
    tr '\000' '\n' | sed -e "s/'*\$//" -e 1q | cut -c 1-200
}
# Each word that one of the two knows, as a type and as an argument's name.
known=$(sed -n '/^function know_types/,/^}/p' "$srcdir/src/generate/definition.awk"
    sed -n '/^static const struct type/,/^bool type_find/p' \
        "$srcdir/src/pytrace/types.c")
for word in $(echo "$known" | grep -o '[a-z_0-9]*' | sort -u) \
    $(echo "$known" | sed -n 's/.*{"\([a-z ]*\)".*/\1/p' | tr ' ' '_'); do
    echo "provider p { probe a(int $word); };" > "definition/name_$word"
    echo "provider p { probe a($(echo "$word" | tr _ ' ') x); };" \
        > "definition/type_$word"
    echo "provider p { probe a($word x); };" > "definition/plain_type_$word"
done
different=
accepted=0
for definition in definition/*; do
    generated=$(by_generate "$definition")
    checked=$(by_check "$definition")
    [ -n "$generated" ] || accepted=$((accepted + 1))
    if [ "$generated" != "$checked" ]; then
        different="$different
$definition:
    generate.awk:  ${generated:-accepted}
    pytrace-check: ${checked:-accepted}"
    fi
done
same "pytrace-check says of each definition what generate.awk says" "" \
    "$different"
if [ $accepted -ge 40 ]; then
    pass "some of them are good ones"
else
    fail "some of them are good ones" "$accepted are"
fi
finish
