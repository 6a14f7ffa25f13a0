# SPDX-License-Identifier: MIT
# bcc.sh - to be sourced: bcc's tools at programs that work when told to.
#
# shellcheck shell=sh
# shellcheck source=SCRIPTDIR/wait.sh
. "$PYTRACE_CASES/tools/wait.sh"
export PYTHONUNBUFFERED=1
export LC_ALL=C

# under_this_kernel: make the virtual machine's root fit for this machine's own
# kernel. The tools compile with the headers of another one, as they use
# nothing of the kernel's own.
under_this_kernel() {
    # shellcheck source=SCRIPTDIR/mounts.sh
    . "$PYTRACE_CASES/tools/mounts.sh"
    has_private_mounts
    mount -t sysfs sysfs /sys
    mount -t debugfs debugfs /sys/kernel/debug
    headers=$(cd /lib/modules && readlink -f 6.*)
    mkdir -p modules
    mount -t tmpfs -o mode=755 modules modules
    mkdir "modules/$(uname -r)"
    for tree in build source; do
        ln -s "$(readlink -f "$headers/$tree")" "modules/$(uname -r)/$tree"
    done
    mount --bind modules "$(readlink -f /lib/modules)"
    mount -t tmpfs tmp /tmp
}

# start NAME IMAGE: run the program, program.*, under the python that has its
# markers in IMAGE; sets $pid and $image.
start() {
    image=$2
    "$(dirname "$image")/python" program.* "$1" &
    pid=$!
}

semaphores() {
    sh "$PYTRACE_CASES/tools/semaphores.sh" "$image" "$pid"
}

work() {
    rm -f "$1.done"
    : > "$1.go"
    wait_until $patience test -e "$1.done"
}

# begin TOOL...: start a tool at the program; sets $tool.
begin() {
    : > out
    # In a session of its own: a tool is a shell script, and the interrupt of
    # a terminal reaches all of it.
    setsid env --default-signal=INT "$@" "$pid" > out 2> errors &
    tool=$!
    wait_said out $tool '^Tracing'
}

# has_gone GROUP: all of the tool's processes have ended. What a script has
# started may still be printing.
has_gone() {
    ! kill -0 "-$1" 2> /dev/null
}

end() {
    kill "-$1" "-$tool"
    wait "$tool" || true
    wait_until $patience has_gone "$tool"
}

# has_shown TOOL: what happened in one work, where it shows that at once.
has_shown() {
    case $1 in
    pythonflow*) [ "$(grep -c '<- .*outer' out)" -ge 2 ] ;;
    pythongc*) [ "$(awk '$2 ~ /^[0-9.]+$/' out | wc -l)" -ge 2 ] ;;
    esac
}

# watch NAME TOOL...: what a tool shows while the program works once.
watch() {
    name=$1
    shift
    echo "== $*, the markers in $(basename "$image")"
    begin "$@"
    echo "semaphores $(semaphores)"
    work "$name"
    wait_until $patience has_shown "$1"
    end INT
    case $1 in
    pythonflow*) sed -n -E 's/^([0-9]+ +){3}.{8} //p' out | sed 's/ *$//' ;;
    # One function can have several lines: the tool tells functions apart by
    # 80 bytes of their names, also where a name ends sooner.
    pythoncalls*)
        awk '$2 ~ /^[0-9]+$/ { calls[$1] += $2 }
            END { for (name in calls) print name, calls[name] }' out | sort ;;
    pythongc*) awk '$2 ~ /^[0-9.]+$/ { print "a collection:", $3 }' out ;;
    esac
    echo "afterwards $(semaphores)"
}
