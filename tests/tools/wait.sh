# SPDX-License-Identifier: MIT
# wait.sh - to be sourced: waiting for what happens, for as long as a busy
# machine may take.
#
# shellcheck shell=sh

patience=300        # seconds, for what takes moments

# wait_until SECONDS COMMAND...: until the command succeeds; says what did not
# happen, and fails, when it has not after that time.
wait_until() {
    wait_seconds=$1
    wait_end=$(($(date +%s) + $1))
    shift
    until "$@"; do
        if [ "$(date +%s)" -ge "$wait_end" ]; then
            echo "waited $wait_seconds seconds in vain for: $*" >&2
            return 1
        fi
        sleep 0.05
    done
}

# runs PID: that process is there, and has not ended.
runs() {
    process_state=$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2> /dev/null)
    case ${process_state:-Z} in
    Z | X) return 1 ;;
    esac
}

has_ended() {
    ! runs "$1"
}

# has_said FILE TEXT: the text, a regular expression, is in the file.
has_said() {
    grep -a -q -s -e "$2" "$1"
}

said_or_ended() {
    has_said "$1" "$3" || has_ended "$2"
}

# wait_said FILE PID [TEXT]: until the process PID has written the text, or
# "ready", to that file; fails when it has ended before that.
wait_said() {
    wait_until "$patience" said_or_ended "$1" "$2" "${3:-ready}" || return 1
    has_said "$1" "${3:-ready}" || {
        echo "process $2 has ended, and not said ${3:-ready}" >&2
        return 1
    }
}

# first_processor: the first that this process may use, for taskset. What
# happens on several, a tracer can show in another order.
first_processor() {
    awk '/^Cpus_allowed_list:/ {
        sub(/[-,].*/, "", $2)
        print $2
    }' /proc/self/status
}

# has_mapped PID FILE: that process runs the file, or has loaded it.
has_mapped() {
    grep -q -s -F " $(realpath "$2")" "/proc/$1/maps"
}

# child_of PID: the process that it has started.
child_of() {
    cat /proc/[0-9]*/stat 2> /dev/null | awk -v parent="$1" '
        $4 == parent {
            print $1
            found = 1
            exit
        }
        END {
            exit !found
        }'
}
