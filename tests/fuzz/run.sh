#!/bin/sh
# run.sh - go on fuzzing pytrace-check, from the corpora of the repository.
#
#   run.sh SRCDIR BUILDDIR DIRECTORY
#
# Each fuzzer runs for FUZZ_SECONDS (60 by default) and keeps what it finds in
# DIRECTORY/NAME-found; an input that breaks something is left in DIRECTORY,
# as crash-* or timeout-*. FUZZERS names those to run, by default "file
# definition". See build.sh for the rest. Exit status 1 when something broke.
#
# To add to the corpora what was found, keep what reaches new code,
#   DIRECTORY/file_fuzzer -merge=1 -use_counters=0 -max_len=65536 NEW \
#       DIRECTORY/file DIRECTORY/file-found
# and write each as a paragraph of hexadecimal digits:
#   for input in NEW/*; do
#       od -An -v -tx1 "$input" | tr -d ' \n' | fold -w 78; echo; echo
#   done > tests/fuzz/file.hex

set -eu
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
sh "$here/build.sh" "$1" "$2" "$3"
cd "$3"
for name in ${FUZZERS:-file definition}; do
    mkdir -p "$name-found"
    echo "$name: fuzzing for ${FUZZ_SECONDS:=60} s" >&2
    "./${name}_fuzzer" -max_total_time="$FUZZ_SECONDS" -max_len=65536 \
        -timeout=20 -rss_limit_mb=1024 -print_final_stats=1 -verbosity=0 \
        -dict="$here/$name.dict" "$name-found" "$name"
done
