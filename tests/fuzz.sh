#!/bin/sh
# SPDX-License-Identifier: MIT
# Files that fuzzing has found (tests/fuzz/seeds.tar.gz), read by pytrace-check's parts
# under sanitizers. `make fuzz` looks for more; tests/fuzz/run.sh says how the
# seeds are made.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

if [ ! -x "$builddir/pytrace-check" ]; then
    skip "the seeds" "pytrace-check was not built"
    finish
fi
need "the seeds" clang
cd "$work" || exit 1

succeeds "the fuzzer is built" sh "$srcdir/tests/fuzz/build.sh" "$srcdir" fuzzer
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
sed 's/\[big_endian ? i : /[big_endian ? i + 65536 : /' \
    "$srcdir/src/pytrace/base.c" > src/pytrace/base.c
succeeds "a fuzzer of a program with a mistake is built" \
    sh "$srcdir/tests/fuzz/build.sh" . wrong
refuses "a byte read behind the file's end is found" "ERROR: AddressSan" \
    ./wrong seeds/*
finish
