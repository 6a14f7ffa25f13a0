#!/bin/sh
# SPDX-License-Identifier: MIT
# Where pytrace record is used: by another user than root, in namespaces and
# containers, in a chroot, on a read-only root, for a program whose file is
# gone. It records there, without gaps, or says in a sentence why not.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_markers "the recorder's places"
need_recorder "the recorder's places"
need "the recorder's places" setpriv unshare chroot
if [ "$(id -u)" != 0 ]; then
    skip "the recorder's places" "this needs root, to make places"
    finish
fi

# A place that other users can look into.
place=$(mktemp -d "${TMPDIR:-/tmp}/pytrace.XXXXXX") || exit 1
running=
leave() {
    [ -z "$running" ] || kill -KILL "$running" 2> /dev/null
    remove_tree "$place"
}
trap leave EXIT
chmod 755 "$place"
cd "$place" || exit 1
${CC:-gcc} -O2 -Wall -Wextra -I"$builddir/include" -o host \
    "$srcdir/tests/record/host.c" "$builddir/libpytrace.a" -lpthread -ldl \
    > "$work/log" 2>&1 || {
    fail "the host is built" "$(cat "$work/log")"
    finish
}
cp "$pytrace" pytrace
# Where all users may write.
mkdir out
chmod 1777 out

cat > nobody << 'END'
#!/bin/sh
exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
END
# A container with mounts, processes and a root file system of its own, in which
# the host's file is in no place of the machine's.
cat > container << 'END'
#!/bin/sh
exec unshare -mpf --mount-proc sh -c 'mount -t tmpfs tmpfs /mnt &&
    cp host /mnt/inner && cd / && exec /mnt/inner "$@"' container "$@"
END
chmod +x nobody container

# begin COMMAND...: a host that runs until it gets a signal; $running.
begin() {
    rm -f said
    "$@" > said &
    running=$!
    wait_said said $running ready
}

# end [PID]: of the host, where it is not $running.
end() {
    kill "${1:-$running}"
    wait "$running"
    running=
}

# records NAME PID COMMAND...: the command, which begins a pytrace, records the
# process.
records() {
    name=$1 pid=$2
    shift 2
    status=0
    "$@" record -d 0.5 -o - -p "$pid" > "$work/out.rec" 2> err || status=$?
    same "$name" "0 without gaps" "$status $(numbered "$work/out.rec" |
        sed 's/^[1-9][0-9]*$/without gaps/')$([ $status = 0 ] || cat err)"
}

# records_command NAME FILE COMMAND...: the command, which begins a pytrace,
# records a host that it starts, into the file.
records_command() {
    name=$1 file=$2
    shift 2
    rm -f "$file"
    status=0
    "$@" > said 2> err || status=$?
    same "$name" "7 fired 100, recorded 100" \
        "$status $(cat said), recorded $(numbered "$file")$(
            [ $status = 7 ] || cat err)"
}

# ---- another user than root

if [ -e /proc/sys/kernel/yama/ptrace_scope ] &&
    [ "$(cat /proc/sys/kernel/yama/ptrace_scope)" != 0 ]; then
    skip "nobody: one's own process" "Yama restricts ptrace here"
else
    begin ./nobody ./host loop
    records "nobody: one's own process" $running ./nobody ./pytrace
    end
fi
records_command "nobody: one's own command" out/nobody.rec ./nobody ./pytrace \
    record -o out/nobody.rec -- ./host fire 100 7
begin ./host loop
refuses "nobody: root's process" "is of another user (0; this is 65534)" \
    ./nobody ./pytrace record -o out/none.rec -p $running
end

# ---- user namespaces

if ./nobody unshare -Ur true 2> /dev/null; then
    begin ./nobody unshare -Ur ./host loop
    records "a user namespace: from outside, as root" $running ./pytrace
    if [ ! -e /proc/sys/kernel/yama/ptrace_scope ]; then
        records "a user namespace: from outside, as its user" $running \
            ./nobody ./pytrace
    fi
    refuses "a user namespace: from another one" \
        "be root with the capability CAP_SYS_PTRACE, outside of its container" \
        ./nobody unshare -Ur ./pytrace record -o out/none.rec -p $running
    end
    records_command "a user namespace: a command in it" out/user.rec \
        ./nobody unshare -Ur ./pytrace record -o out/user.rec -- \
        ./host fire 100 7
    begin ./nobody ./host loop
    refuses "a user namespace: a process outside of it" \
        "be root with the capability CAP_SYS_PTRACE, outside of its container" \
        ./nobody unshare -Ur ./pytrace record -o out/none.rec -p $running
    end
else
    skip "user namespaces" "this system has none for users"
fi

# ---- containers

begin ./container loop
inner=$(child_of $running)
records "a container: from outside" "$inner" ./pytrace
same "a container: the numbers are those outside" "$inner" \
    "$("$pytrace" print "$work/out.rec" | $AWK '/ function__entry / {
        print $2 }' | sort -u)"
end "$inner"
status=0
./pytrace record --follow -o out/follow.rec -- ./container fork 5 1000 \
    > said 2> err || status=$?
same "a container: its processes are followed from outside" \
    "0 fired 5010, 5010 events, 0 lost" \
    "$status $(cat said), $("$pytrace" print out/follow.rec |
        sed -n '$s/.*: \([0-9,]* events, [0-9]* lost\)$/\1/p' |
        sed 's/^5,/5/')"
cat > inside << 'END'
rm -f inside.said
mkfifo inside.said
./host loop > inside.said &
exec 3< inside.said
read -r ready <&3
echo "$ready" >&2
./pytrace record -d 0.5 -o - -p $!
status=$?
kill $!
exit $status
END
status=0
unshare -mpf --mount-proc sh inside > "$work/out.rec" 2> err || status=$?
same "a container: from inside" "0 without gaps" "$status $(numbered \
    "$work/out.rec" | sed 's/^[1-9][0-9]*$/without gaps/')$(
    [ $status = 0 ] || cat err)"
records_command "a container: a command from inside" out/inside.rec \
    unshare -mpf --mount-proc ./pytrace record -o out/inside.rec -- \
    ./host fire 100 7
refuses "a container that has the machine's /proc" \
    "^pytrace: /proc has the processes of another namespace: mount it anew" \
    unshare -pf ./pytrace record -o out/none.rec -- ./host fire 100 7

# ---- chroot

# As a bare root has: the files that pytrace and the host need.
mkdir -p root/proc
for file in $(ldd ./pytrace ./host | grep -o '/[^ :]*' | sort -u) \
    "$place/pytrace" "$place/host"; do
    mkdir -p "root${file%/*}"
    cp -L "$file" "root$file"
done
begin chroot root "$place/host" loop
records "a chroot: from outside" $running ./pytrace
refuses "a chroot without /proc" \
    "^pytrace: /proc is not mounted here: mount -t proc proc /proc" \
    chroot root "$place/pytrace" record -o /none.rec -p $running
refuses "a chroot without /proc: a command" "^pytrace: /proc is not mounted" \
    chroot root "$place/pytrace" record -o /none.rec -- "$place/host" fire 100
# shellcheck disable=SC2016
in_chroot='mount -t proc proc root/proc && exec chroot root "$@"'
records "a chroot: from inside" $running \
    unshare -m sh -c "$in_chroot" chroot "$place/pytrace"
end
records_command "a chroot: a command from outside" out/outside.rec ./pytrace \
    record -o out/outside.rec -- chroot root "$place/host" fire 100 7
records_command "a chroot: a command from inside" root/inside.rec \
    unshare -m sh -c "$in_chroot" chroot \
    "$place/pytrace" record -o /inside.rec -- "$place/host" fire 100 7

# ---- files

cp host gone
begin ./gone loop
rm gone
records "a program whose file is deleted" $running ./pytrace
cp /bin/true gone
records "a program whose file is another one now" $running ./pytrace
end
# shellcheck disable=SC2016
read_only='mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" &&
    cd "$0" && exec "$@"'
begin unshare -m sh -c "$read_only" "$place" ./host loop
records "a read-only root: onto the standard output" $running \
    unshare -m sh -c "$read_only" "$place" ./pytrace
refuses "a read-only root: a file on it" \
    "^pytrace: none.rec cannot be written: Read-only file system$" \
    unshare -m sh -c "$read_only" "$place" ./pytrace record -o none.rec \
    -p $running
end
records_command "a read-only root: a command" "$work/read-only.rec" \
    unshare -m sh -c "$read_only" "$place" ./pytrace record \
    -o "$work/read-only.rec" -- ./host fire 100 7
finish
