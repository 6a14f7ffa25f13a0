#!/bin/sh
# check.sh - for CI: are the markers of an interpreter there, would tracers see
# them, and does what it fires keep their promises? Exit status 0: yes.
#
#   check.sh INTERPRETER PROGRAM [ARGUMENT...]
#
# The program should call functions, raise errors through several of them, use
# coroutines, import, and collect. It needs pytrace, and no root.
#
# SPDX-License-Identifier: MIT

if [ $# -lt 2 ]; then
    echo "usage: check.sh INTERPRETER PROGRAM [ARGUMENT...]" >&2
    exit 2
fi

# The file that has the markers. If your interpreter is a library, its path.
markers=$1

# Take a marker off this line when the interpreter fires it.
pytrace check@EXCEPT@ "$markers" || exit

pytrace verify -- "$@"
