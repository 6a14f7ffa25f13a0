#!/bin/sh
# SPDX-License-Identifier: MIT
# run_program.sh - run the program of a live case and say how it ended.
#
#   run_program.sh INTERPRETER PROGRAM
#
# A Python program comes as standard input, so that its file's name is the same
# wherever it lies; without the user's settings and site-packages.

set -u
here=$(cd "$(dirname "$0")" && pwd)
cd "$(dirname "$2")" || exit 1
{
    case $2 in
    *.lua) "$1" "$(basename "$2")" ;;
    *.py) "$1" -I -S - < "$(basename "$2")" ;;
    esac
    echo "exit status $?"
} 2>&1 | sh "$here/replace.sh" "$1" "$(basename "$1")"
