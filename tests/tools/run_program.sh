#!/bin/sh
# SPDX-License-Identifier: MIT
# run_program.sh - run the program of a live case and say how it ended.
#
#   run_program.sh INTERPRETER PROGRAM [COMMAND...]
#
# With a COMMAND, that runs it, and gets the call of it as its last arguments.
# A Python program comes as standard input, so that its file's name is the same
# wherever it lies; without the user's settings and site-packages.

set -u
here=$(cd "$(dirname "$0")" && pwd)
interpreter=$1 program=$(basename "$2")
cd "$(dirname "$2")" || exit 1
shift 2
{
    case $program in
    *.lua | *.js | *.rb) "$@" "$interpreter" "$program" ;;
    *.py) "$@" "$interpreter" -I -S - < "$program" ;;
    esac
    echo "exit status $?"
} 2>&1 | sh "$here/replace.sh" "$interpreter" "$(basename "$interpreter")"
