#!/bin/sh
# until_ready.sh - wait until a tracer has said that it traces.
#
#   until_ready.sh OUTPUT PID
#
# OUTPUT is a file that gets what the process PID prints. Exit status 0 when
# "ready" is in it, 1 when the process has ended, or a minute has passed.

tries=0
until grep -q -s ready "$1"; do
    state=$(sed 's/.*) //; s/ .*//' "/proc/$2/stat" 2> /dev/null)
    tries=$((tries + 1))
    if [ $tries = 600 ] || [ "${state:-Z}" = Z ]; then
        echo "until_ready.sh: the tracer does not trace" >&2
        exit 1
    fi
    sleep 0.1
done
