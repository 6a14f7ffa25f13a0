#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh - look for files that break pytrace check, from the seeds on, and for
# recordings that break pytrace print, from those that tests/print.sh makes.
#
#   run.sh SRCDIR DIRECTORY
#
# Each fuzzer runs for FUZZ_SECONDS (60 by default) and keeps what it finds in
# DIRECTORY/found, or DIRECTORY/recordings-found; a file that breaks something
# is left in DIRECTORY, as crash-* or timeout-*. See build.sh for the rest. Exit
# status 1 when something broke.
#
# The seeds (tests/fuzz/seeds.tar.gz) are what reaches code of its own among the
# files that the tests of pytrace check make, by tests/check/notes.awk, and
# those that fuzzing found. To make them new:
#   make check check_DATA= TESTS="$(cd SRCDIR && echo tests/check*.sh)"
#   DIRECTORY/fuzzer -set_cover_merge=1 -use_counters=0 -max_len=4096 NEW \
#       tests/scratch/check* DIRECTORY/found DIRECTORY/seeds
#   cd NEW && tar --sort=name --mtime=@0 --owner=0 --group=0 -cf - * |
#       gzip -9n > SRCDIR/tests/fuzz/seeds.tar.gz
# They are packed because some are damaged programs: tools that look at each
# file of a source tree complain of these.

set -eu
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$2/seeds" "$2/recordings"
mkdir -p "$2/found" "$2/seeds" "$2/recordings-found" "$2/recordings"
gzip -dc "$here/seeds.tar.gz" | tar -xf - -C "$2/seeds"
sh "$here/build.sh" "$1" "$2/fuzzer" fuzzer.c
sh "$here/build.sh" "$1" "$2/recordings-fuzzer" recordings.c
sh "$here/seeds.sh" "$1" "$2/recordings"
cd "$2"
echo "fuzzing for 2 times ${FUZZ_SECONDS:=60} s" >&2
# fuzz FUZZER DIRECTORY... [OPTION...]
fuzz() {
    "$@" -max_total_time="$FUZZ_SECONDS" -max_len=65536 \
        -timeout=20 -rss_limit_mb=1024 -print_final_stats=1 -verbosity=0
}
fuzz ./fuzzer found seeds -dict="$here/fuzzer.dict"
fuzz ./recordings-fuzzer recordings-found recordings
