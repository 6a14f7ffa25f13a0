#!/bin/sh
# SPDX-License-Identifier: MIT
# perf.sh - have perf count a marker, in every process, until SIGINT comes.
#
#   perf.sh BINARY PROVIDER MARKER OUTPUT
#
# Prints "ready" when it is attached; at the end OUTPUT has the count. As root;
# tracefs is mounted, for this process only, where it is not.

set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=SCRIPTDIR/mounts.sh
. "$here/mounts.sh"
need_private_mounts "$0" "$@"
mountpoint -q /sys/kernel/tracing ||
    mount -t tracefs tracefs /sys/kernel/tracing
binary=$(realpath "$1") provider=$2 marker=$3 output=$(realpath "$4")
directory=$output.perf group=stress$$
mkdir "$directory"
cd "$directory"
pid=
# The events can only be taken away when no perf records them.
leave() {
    [ -z "$pid" ] || kill "$pid" 2> /dev/null || :
    wait
    perf probe -q -d "$group:*"
}
trap leave EXIT
trap 'exit 1' TERM
perf="perf --buildid-dir $directory/buildids"
$perf buildid-cache --add "$binary"
$perf probe -q -x "$binary" -D "%sdt_$provider:$marker" |
    sed "s|^p:[^/]*|p:$group|" > definition
cat definition >> /sys/kernel/tracing/uprobe_events
mkfifo control answer
exec 3<> control 4<> answer     # so that none waits for the other end
perf stat -a -x , -e "$group:*" -o counts -D -1 \
    --control fifo:control,answer &
pid=$!
trap 'kill -INT $pid' INT
echo enable >&3
timeout 300 head -n 1 <&4 > /dev/null
echo ready
# Each signal ends a wait; the counts are there when perf has ended.
while kill -0 $pid 2> /dev/null; do
    wait $pid || :
done
pid=
awk -F , -v group="$group" '$0 ~ group { print $1 }' counts > "$output"
