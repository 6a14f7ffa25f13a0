#!/bin/sh
# SPDX-License-Identifier: MIT
# Files that fuzzing has found (tests/fuzz/seeds.tar.gz), read by pytrace check's parts
# under sanitizers; and recordings, damaged at each byte and at random, printed by
# pytrace print's. `make fuzz` looks for more; tests/fuzz/run.sh says how the seeds
# are made.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

if [ ! -x "$pytrace" ]; then
    skip "the seeds" "pytrace was not built"
    finish
fi
need "the seeds" clang
cd "$work" || exit 1

succeeds "the fuzzer is built" sh "$srcdir/tests/fuzz/build.sh" "$srcdir" fuzzer fuzzer.c
mkdir seeds
gzip -dc "$srcdir/tests/fuzz/seeds.tar.gz" | tar -xf - -C seeds
count=$(find seeds -type f | wc -l)
if [ "$count" != 0 ] &&
    ./fuzzer -timeout=60 -rss_limit_mb=1024 seeds/* > log 2>&1; then
    same "the seeds are clean under the sanitizers" "$count" \
        "$(grep -c '^Executed ' log)"
else
    fail "the seeds are clean under the sanitizers" "$(tail -n 40 log)"
fi

# That the sanitizers do say so: with a mistake in what reads a number.
mkdir -p src/pytrace tests
cp "$srcdir"/src/pytrace/*.[ch] src/pytrace
ln -s "$srcdir/tests/fuzz" tests/fuzz
ln -s "$srcdir/src/runtime" src/runtime
ln -s "$srcdir/Makefile.am" .
sed 's/\[big_endian ? i : /[big_endian ? i + 65536 : /' \
    "$srcdir/src/pytrace/base.c" > src/pytrace/base.c
succeeds "a fuzzer of a program with a mistake is built" \
    sh "$srcdir/tests/fuzz/build.sh" . wrong fuzzer.c
refuses "a byte read behind the file's end is found" "ERROR: AddressSan" \
    ./wrong seeds/*
cp "$srcdir/src/pytrace/base.c" src/pytrace

# ---- recordings

mkdir recordings
succeeds "recordings are made" \
    sh "$srcdir/tests/fuzz/seeds.sh" "$srcdir" recordings
succeeds "what damages them is built" \
    sh "$srcdir/tests/fuzz/build.sh" "$srcdir" damage damage.c
for recording in all swapped; do
    size=$(wc -c < "recordings/$recording")
    same "each byte of a recording, cut or changed, is noticed: $recording" \
        "$((4 * size)) tried, 0 not noticed" \
        "$(./damage "recordings/$recording" 2>&1 | tail -n 40)"
done
succeeds "the fuzzer of recordings is built" \
    sh "$srcdir/tests/fuzz/build.sh" "$srcdir" print recordings.c
succeeds "recordings that are changed at random are printed" \
    ./print -seed=1 -runs=10000 -max_len=8192 -timeout=60 \
    -rss_limit_mb=1024 recordings

# With a mistake in what reads a string, and in what compares a checksum.
sed 's/kept > size - STRING_TEXT/0/' "$srcdir/src/pytrace/records.c" \
    > src/pytrace/records.c
succeeds "a fuzzer of recordings with a mistake is built" \
    sh "$srcdir/tests/fuzz/build.sh" . wrong_print recordings.c
refuses "a string read behind its record is found" "ERROR: AddressSan" \
    ./wrong_print -seed=1 -runs=100000 -max_len=8192 recordings
sed 's/return crc == .*/return crc != 0;/' "$srcdir/src/pytrace/chunks.c" \
    > src/pytrace/chunks.c
succeeds "what damages recordings, with a mistake, is built" \
    sh "$srcdir/tests/fuzz/build.sh" . wrong_damage damage.c
refuses "a byte that is changed unnoticed is found" "^changed at byte " \
    ./wrong_damage recordings/all
finish
