#!/bin/sh
# SPDX-License-Identifier: MIT
# compilers.sh - more versions of gcc for guards.sh, which this machine's
# distribution does not have: from Debian testing, in a tree of their own.
#
#   compilers.sh DIRECTORY
#
# Makes DIRECTORY/root, and in DIRECTORY/bin the commands gcc-13, gcc-14 and
# gcc-15. They use this machine's headers and libraries, so what they compile
# runs here. Needs root (for chroot and mount namespaces) and debootstrap. Exit
# status 77 when that is not to be had, with one line that says why.

set -eu
if [ $# != 1 ]; then
    echo "usage: compilers.sh DIRECTORY" >&2
    exit 2
fi
mkdir -p "$1"
directory=$(cd "$1" && pwd)
root=$directory/root
log=$directory/log
versions="13 14 15"

unavailable() {
    echo "compilers: $*" >&2
    exit 77
}

[ ! -f "$directory/made" ] || exit 0
[ "$(id -u)" = 0 ] || unavailable "only root can make their root file system"
for program in apt-get debootstrap unshare; do
    command -v $program > /dev/null || unavailable "there is no $program"
done
# (Without libc6-dev, whose libraries they would take.)
packages=
for version in $versions; do
    packages="$packages gcc-$version"
done
# From where this machine's apt gets its own packages. (Their lists are often
# older than these machines' clocks allow.)
archive=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
    sed 's|/*$||' | grep '/debian$' | head -n 1)
[ -n "$archive" ] || unavailable "apt has no package lists of Debian's archive"

in_root() {
    chroot "$root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@" >> "$log" 2>&1
}

rm -rf "$root"
debootstrap --variant=minbase testing "$root" "$archive" > "$log" 2>&1 ||
    unavailable "debootstrap failed: $(tail -n 1 "$log")"
for file in /etc/apt/apt.conf /etc/apt/apt.conf.d/*; do
    [ ! -f "$file" ] || cp "$file" "$root/etc/apt/apt.conf.d/"
done
# shellcheck disable=SC2086
install() {
    in_root apt-get -q -o Acquire::Check-Valid-Until=false \
        -o Acquire::Check-Date=false update &&
        in_root apt-get install -qy --no-install-recommends $packages
}
install || unavailable "no packages: $(tail -n 1 "$log")"

# A command sees this machine's files where they are, but for the compiler.
mkdir -p "$root/host" "$directory/bin"
for version in $versions; do
    cat > "$directory/bin/gcc-$version" << END
#!/bin/sh
root='$root'
END
    cat >> "$directory/bin/gcc-$version" << 'END'
export root
exec unshare -m sh -c '
    mount --rbind / "$root/host"
    for top in /*; do
        case $top in
        /bin | /dev | /etc | /lib* | /proc | /run | /sbin | /sys | /usr) ;;
        *)  [ ! -d "$top" ] || {
                mkdir -p "$root$top"
                mount --rbind "$top" "$root$top"
            } ;;
        esac
    done
    exec chroot "$root" sh -c "cd \"\$0\" && exec \"\$@\"" "$PWD" "$@"' \
    sh "/usr/bin/${0##*/}" --sysroot=/host -Wl,--allow-shlib-undefined "$@"
END
    chmod +x "$directory/bin/gcc-$version"
done
touch "$directory/made"
