#!/bin/sh
# SPDX-License-Identifier: MIT
# every.sh - run a script beside this one on each process that has a file
# mapped now, an executable or a shared library, until Ctrl-C.
#
#   sh every.sh PROVIDER FILE -s SCRIPT.d [ARGUMENT...]
#
# What follows FILE goes to dtrace. Oracle's DTrace 2.0.7 knows markers of this
# kind by their process only, so it does not see processes that start later,
# children of the traced ones included. Where a wildcard does (FreeBSD, illumos
# and macOS; untried), this is not needed:
#   dtrace -C -D 'MARKER(name)=lua*:::name' -s SCRIPT.d

set -eu
if [ $# -lt 3 ]; then
    echo "usage: sh every.sh PROVIDER FILE -s SCRIPT.d [ARGUMENT...]" >&2
    exit 2
fi
provider=$1
file=$(readlink -f "$2") || file=
if [ ! -f "$file" ]; then
    echo "every.sh: there is no file $2" >&2
    exit 1
fi
shift 2

# A process goes on with the file that it started with when an upgrade replaces
# it. Such a process is left out: its markers are not where the new file has
# them.
replaced=$(grep -l -F -e " $file (deleted)" /proc/[0-9]*/maps 2> /dev/null |
    cut -d/ -f3 | paste -sd ' ' -)
[ -z "$replaced" ] ||
    echo "every.sh: $file was replaced after these processes had started;" \
        "they are not traced until they are started again: $replaced" >&2

markers=
for maps in /proc/[0-9]*/maps; do
    sed 's/^[^/]*//' "$maps" 2> /dev/null | grep -Fqx -e "$file" || continue
    process=${maps#/proc/}
    markers=$markers${markers:+,}$provider${process%/maps}:::name
done
if [ -z "$markers" ]; then
    echo "every.sh: no process has $file mapped" >&2
    exit 1
fi
exec dtrace -C -D "MARKER(name)=$markers" "$@"
