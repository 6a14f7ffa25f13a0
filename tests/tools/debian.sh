# SPDX-License-Identifier: MIT
# debian.sh - to be sourced: make a root file system of Debian testing in a
# directory, from where this machine's apt gets its packages. They are signed
# by Debian, or refused.
#
# The script that sources it is run with "set -eu", gives a title for what it
# says, and calls, in this order,
#   begin_root DIRECTORY FILE...
#   need_for_root MEGABYTES PROGRAM...
#   make_base
#   step NAME COMMAND..., with in_root and apt
#   end_root
# It exits with status 0 when the tree is there already, and no FILE has
# changed; with 77, and a line that says why, when it cannot be had here; and
# with 1 when a step fails.
#
# shellcheck shell=sh

# The one that has what the newest kernel's tools need, and the one before it.
suite=testing
stable=trixie
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

unavailable() {
    echo "${title:?}: $*" >&2
    exit 77
}

# begin_root DIRECTORY FILE...: $directory, its $root and its $log.
begin_root() {
    mkdir -p "$1"
    directory=$(cd "$1" && pwd)
    root=$directory/root
    log=$directory/root.log
    shift
    stamp=$(cat "$@" | sha256sum | cut -d' ' -f1)
    if [ "$(cat "$directory/stamp" 2> /dev/null)" = "$stamp" ]; then
        exit 0
    fi
}

# need_for_root MEGABYTES PROGRAM...: and what each root needs.
need_for_root() {
    [ "$(uname -m)" = x86_64 ] || unavailable "its packages are for x86-64"
    megabytes=$1
    shift
    for program in apt-get debootstrap gpgv unshare "$@"; do
        command -v "$program" > /dev/null 2>&1 ||
            unavailable "there is no $program"
    done
    [ -f $keyring ] ||
        unavailable "there is no $keyring (Debian's debian-archive-keyring)"
    free=$(df -Pm "$directory" | awk 'NR == 2 { print $4 }')
    [ "$free" -gt "$megabytes" ] ||
        unavailable "$directory has ${free} MB free; it needs $megabytes"
    remove_tree "$root"
    rm -f "$directory/stamp" "$directory/versions"
    : > "$log"
    # shellcheck disable=SC2016 # (apt's own variable)
    archive=$(apt-get indextargets --format '$(REPO_URI)' \
        'Created-By: Packages' 2>> "$log" | sed 's|/*$||' | grep '/debian$' |
        head -n 1)
    [ -n "$archive" ] ||
        unavailable "this machine's apt has no package lists of Debian's" \
            "archive; run apt-get update"
}

# step NAME COMMAND...: its output goes to the log.
step() {
    echo "  $title: $1"
    echo "== $1" >> "$log"
    shift
    "$@" >> "$log" 2>&1 || {
        tail -n 15 "$log" >&2
        echo "$0: this step failed; the whole log is $log" >&2
        exit 1
    }
}

in_root() {
    chroot "$root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# The lists are often older than a machine's clock allows. Of the signature,
# only that is overlooked.
apt() {
    in_root apt-get -q -o Acquire::Check-Valid-Until=false \
        -o Acquire::Check-Date=false -o Acquire::Retries=3 "$@"
}

bootstrap() {
    debootstrap --variant=minbase --keyring=$keyring --force-check-gpg $suite \
        "$root" "$archive"
}

configure_root() {
    mount_root
    # The one that has checked the base; there may be an older one in it.
    mkdir -p "$root${keyring%/*}"
    cp "$keyring" "$root$keyring"
    for file in /etc/apt/apt.conf /etc/apt/apt.conf.d/*; do
        [ ! -f "$file" ] || cp "$file" "$root/etc/apt/apt.conf.d/"
    done
    for release in $suite $stable; do
        echo "deb [signed-by=$keyring] $archive $release main"
    done > "$root/etc/apt/sources.list"
    printf 'Package: *\nPin: release n=%s\nPin-Priority: 50\n' $stable \
        > "$root/etc/apt/preferences.d/stable"
    # The tree lives as long as the build directory.
    printf '%s\n' force-unsafe-io 'path-exclude=/usr/share/doc/*' \
        'path-exclude=/usr/share/man/*' 'path-exclude=/usr/share/locale/*' \
        > "$root/etc/dpkg/dpkg.cfg.d/small"
    apt update
}

make_base() {
    step "Debian $suite" bootstrap
    step "package lists" configure_root
}

# What packages need to be installed, in this process' own mounts.
mount_root() {
    mount --bind /proc "$root/proc"
    mount --bind /dev "$root/dev"
    mount -t devpts devpts "$root/dev/pts"
}

unmount_root() {
    umount "$root/dev/pts" "$root/dev" "$root/proc"
}

# forget_packages: the packages' files and lists, in a step after the last apt.
forget_packages() {
    apt clean
    rm -rf "$root"/var/lib/apt/lists/*
}

end_root() {
    echo "$stamp" > "$directory/stamp"
}
