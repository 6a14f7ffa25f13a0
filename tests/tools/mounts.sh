# SPDX-License-Identifier: MIT
# mounts.sh - to be sourced: mounts that reach no other process, and removing
# trees in which something may be mounted.
#
# shellcheck shell=sh

# has_private_mounts: this process has a mount namespace that its parent and
# the first process do not have, and what it mounts there reaches no other.
has_private_mounts() {
    namespace=$(readlink /proc/self/ns/mnt) || return 1
    [ "$(readlink "/proc/$PPID/ns/mnt")" != "$namespace" ] &&
        [ "$(readlink /proc/1/ns/mnt)" != "$namespace" ] &&
        ! grep -q ' shared:' /proc/self/mountinfo
}

# need_private_mounts SCRIPT ARGUMENT...: go on with private mounts. Starts the
# script again, by "sh -eu", where they are not. The variable only keeps it from
# doing that for ever.
need_private_mounts() {
    if has_private_mounts; then
        unset PYTRACE_UNSHARED
        return
    fi
    if [ -n "${PYTRACE_UNSHARED:-}" ]; then
        echo "$1: cannot have a mount namespace of its own" >&2
        exit 1
    fi
    PYTRACE_UNSHARED=1 exec unshare -m --propagation private sh -eu "$@"
}

# mounts_below DIRECTORY: where something is mounted in it, or on it.
mounts_below() {
    place=$(realpath -m "$1") awk '
        BEGIN { place = ENVIRON["place"] }
        {
            # A blank is \040 there, and so on.
            while (match($5, /\\[0-7][0-7][0-7]/)) {
                code = substr($5, RSTART + 1, 3)
                number = substr(code, 1, 1) * 64 + substr(code, 2, 1) * 8 + \
                    substr(code, 3, 1)
                # A backslash that stays could be read again.
                $5 = substr($5, 1, RSTART - 1) \
                    (number == 92 ? "\001" : sprintf("%c", number)) \
                    substr($5, RSTART + 4)
            }
            gsub(/\001/, "\\\\", $5)
            if ($5 == place || index($5, place "/") == 1)
                print $5
        }' /proc/self/mountinfo
}

# remove_tree DIRECTORY...: as rm -rf, but refuses what has a mount in it.
remove_tree() {
    for tree; do
        mounted=$(mounts_below "$tree")
        if [ -n "$mounted" ]; then
            printf '%s is not removed, as this is mounted:\n%s\n' "$tree" \
                "$mounted" >&2
            return 1
        fi
        rm -rf --one-file-system "${tree:?}"
    done
}
