#!/bin/sh
# SPDX-License-Identifier: MIT
# The units of packaging/systemd: systemd itself starts them, with all their
# restrictions, in namespaces of its own on this machine's kernel; what they
# record, what is refused, and that nothing is left raised.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_lua "units"
need_recorder "units"
need "units" systemd-analyze curl setpriv unshare ip
[ -x /lib/systemd/systemd ] || {
    skip "units" "there is no systemd"
    finish
}
[ "$(id -u)" = 0 ] || {
    skip "units" "only root can start a systemd"
    finish
}
units=$srcdir/packaging/systemd

# Its scale: 0 is none, 10 is all that a service of root could do.
for unit in pytrace-export.service:20 pytrace-export@.service:15; do
    succeeds "systemd-analyze security: at most ${unit#*:} of 100, ${unit%:*}" \
        systemd-analyze security --no-pager --offline=yes \
        --threshold="${unit#*:}" "$units/${unit%:*}"
done

booted() {
    exec unshare -m -p -f --kill-child -C -n -i -u --propagation private \
        sh "$srcdir/tests/units/boot.sh" "$work/booted" "$pytrace" "$lua" \
        "$srcdir/tests/units/script.sh"
}
mkdir "$work/booted"
(booted) > "$work/log" 2>&1 &
systemd=$!
# (Not left running where this test is ended before its time.)
trap 'kill -9 "$systemd" 2> /dev/null' EXIT
trap 'exit 1' INT TERM HUP
ended() {
    [ -f "$work/booted/ended" ] || has_ended "$systemd"
}
wait_until "$patience" ended
kill -9 $systemd 2> /dev/null
wait $systemd 2> /dev/null
trap - EXIT
if [ ! -f "$work/booted/ended" ]; then
    fail "systemd comes to the end of the script" "$(tail -n 20 "$work/log")
$(cat "$work/booted/output" 2>&1)"
    finish
fi
same "the units do under systemd what they are for" \
    "pytrace-export.service is verified
pytrace-export@games.service is verified
all: the process of games is recorded
all: the process of root is recorded
all: another user, Eff 0000000000080002 Bnd 0000000000080002
all: killed, it begins again
all: stopped, semaphores: 8 are 0
all: stopped, semaphores: 8 are 0
one user: the process of games is recorded
one user: the process of root is refused
one user: games, Eff 0000000000000000 Bnd 0000000000000000" \
    "$(cat "$work/booted/output")"
finish
