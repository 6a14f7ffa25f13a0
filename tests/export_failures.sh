#!/bin/sh
# SPDX-License-Identifier: MIT
# pytrace export and what goes wrong around it: a hundred processes at once,
# clients that read a byte a second, an exporter that is killed, processes that
# die while they are measured. Nothing is left raised, nothing is lost silently.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_lua "failures of the exporter"
need_recorder "failures of the exporter"
need "failures of the exporter" curl python3 unshare ip
[ "$(id -u)" = 0 ] || {
    skip "failures of the exporter" "only root has processes of its own alone"
    finish
}
cd "$work" || exit 1
timeout 900 unshare -m -n -p -f --kill-child --mount-proc sh \
    "$srcdir/tests/failures/inside.sh" "$pytrace" "$lua" \
    > seen 2> complaints
same "what goes wrong around an exporter stays there" \
    "many at once: all are recorded
slow clients: others are served
killed: the programs go on
killed: the next one takes all over
dead: each is counted as ended
dead: they are no longer recorded
ended: exit status 0
ended: no semaphore is raised
all gone: their files are closed" "$(cat seen)"
same "there is nothing to complain about" "" \
    "$(grep -v -e '^Killed' -e ' Killed ' complaints)"
finish
