#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh - look for files that break pytrace-check, from the seeds on.
#
#   run.sh SRCDIR DIRECTORY
#
# The fuzzer runs for FUZZ_SECONDS (60 by default) and keeps what it finds in
# DIRECTORY/found; a file that breaks something is left in DIRECTORY, as crash-*
# or timeout-*. See build.sh for the rest. Exit status 1 when something broke.
#
# The seeds (tests/fuzz/seeds) are what reaches code of its own among the files
# that the tests of pytrace-check make, by tests/check/notes.awk, and those that
# fuzzing found. To make them new:
#   make check check_DATA= TESTS="$(cd SRCDIR && echo tests/check*.sh)"
#   DIRECTORY/fuzzer -set_cover_merge=1 -use_counters=0 -max_len=4096 NEW \
#       tests/scratch/check* DIRECTORY/found SRCDIR/tests/fuzz/seeds
# and the files in NEW are the seeds.

set -eu
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2/found"
sh "$here/build.sh" "$1" "$2/fuzzer"
cd "$2"
echo "fuzzing for ${FUZZ_SECONDS:=60} s" >&2
./fuzzer -max_total_time="$FUZZ_SECONDS" -max_len=65536 \
    -timeout=20 -rss_limit_mb=1024 -print_final_stats=1 -verbosity=0 \
    -dict="$here/fuzzer.dict" found "$here/seeds"
