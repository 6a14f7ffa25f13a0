#!/bin/sh
# SPDX-License-Identifier: MIT
# in_root.sh - run a command in a root file system, as the process that this
# script is, with the source and the build directory where they are outside, and
# in the same directory of these.
#
#   in_root.sh ROOT COMMAND...
#
# Takes srcdir and builddir from the environment.

set -eu
# shellcheck source=SCRIPTDIR/mounts.sh
. "$(dirname "$0")/mounts.sh"
need_private_mounts "$0" "$@"
root=$1
shift
for place in /proc /dev "${srcdir:?}" "${builddir:?}"; do
    mkdir -p "$root$place"
    mount --bind "$place" "$root$place"
done
exec chroot "$root" env -C "$PWD" "$@"
