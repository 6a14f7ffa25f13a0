# What the case is made of.
# shellcheck source=SCRIPTDIR/../../../tools/wait.sh
. "$PYTRACE_CASES/tools/wait.sh"
pytrace=$PYTRACE_CASES/pytrace
scripts=$PYTRACE_CASES/scripts/bpftrace
lua=$PYTRACE_CASES/lua/shared/lua
library=$PYTRACE_CASES/lua/shared/liblua.so

# semaphores PID: their sum in that process; the library's in its memory.
semaphores() {
    sh "$PYTRACE_CASES/tools/semaphores.sh" "$library" "$1"
}

# wait_for SUM PID: until that process's semaphores have this sum.
wait_for() {
    wait_until $patience has_semaphores "$@"
}
has_semaphores() {
    [ "$(semaphores "$2")" = "$1" ]
}

# work NAME: start work.lua, which ends when the file NAME.stop is there.
work() {
    "$lua" work.lua "$1.stop" > "$1" &
    eval "$1=$!"
    eval "wait_said $1 \$$1 begins"
}

# ended NAME: what it printed, its exit status.
ended() {
    : > "$1.stop"
    status=0
    eval "wait \$$1" || status=$?
    echo "$1: $(tr '\n' ' ' < "$1")status $status"
}
