#!/bin/sh
# interrupt.sh - interrupt tracers until they have ended; one that has not after
# two minutes is killed.
#
#   interrupt.sh PID...
#
# bpftrace 0.17 can overlook an interrupt that comes while it is not waiting;
# it gets another after ten seconds, and not before, as one that comes while it
# prints its tables ends it there. Whoever started them waits for them.

for tracer; do
    tries=0
    while state=$(sed 's/.*) //; s/ .*//' "/proc/$tracer/stat" 2> /dev/null) &&
        [ "${state:-Z}" != Z ]; do
        [ $((tries % 200)) != 0 ] || kill -INT "$tracer"
        [ $tries -lt 2400 ] || kill -KILL "$tracer"
        tries=$((tries + 1))
        sleep 0.05
    done
done
exit 0
