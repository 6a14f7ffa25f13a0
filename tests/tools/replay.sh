#!/bin/sh
# SPDX-License-Identifier: MIT
# replay.sh - print what a bpftrace script would have printed of the events of
# a recording.
#
#   replay.sh PYTRACE SCRIPT RECORDING
#
# PYTRACE is the recorder's command. The scripts are those of the tests, which
# use a small part of bpftrace's language: replay/script.awk turns one into an
# awk program. As bpftrace, it reads strings of at most BPFTRACE_STRLEN bytes.
# Where events are missing, it says so in between, and its exit status is 1.

LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
awk=${AWK:-awk}
program=$(mktemp) || exit 1
trap 'rm -f "$program"' EXIT
{
    cat "$here/replay/events.awk"
    $awk -f "$here/replay/script.awk" "$2"
} > "$program"
markers=$(sed -n 's/^usdt:[^ ]*:\([a-z_]*\).*/--marker \1/p' "$2")
# shellcheck disable=SC2086 # (a list)
"$1" print $markers "$3" |
    $awk -v size="${BPFTRACE_STRLEN:-64}" -f "$program"
