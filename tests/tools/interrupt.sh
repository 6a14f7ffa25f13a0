#!/bin/sh
# SPDX-License-Identifier: MIT
# interrupt.sh - interrupt tracers until they have ended; one that has not after
# five minutes is killed.
#
#   interrupt.sh PID...
#
# bpftrace 0.17 can overlook an interrupt that comes while it is not waiting;
# it gets another after half a minute, and not before, as one that comes while
# it prints its tables ends it there. Its parent waits for it.

# shellcheck source=SCRIPTDIR/wait.sh
. "$(dirname "$0")/wait.sh"
for tracer; do
    for signal in INT INT INT INT INT INT INT INT INT INT KILL; do
        kill -$signal "$tracer" 2> /dev/null || break
        if wait_until 30 has_ended "$tracer" 2> /dev/null; then
            break
        fi
    done
done
exit 0
