# SPDX-License-Identifier: MIT
# script.sh - what tests/export_unit.sh runs under systemd. Prints a line for
# each thing that it sees.
#
# shellcheck shell=sh

# shellcheck source=SCRIPTDIR/../tools/wait.sh
. /run/test-wait

measured() {
    curl -s http://127.0.0.1:9929/metrics | grep -e "$1" > /dev/null
}

# shows PATTERN: until the measures have it; says what they have instead.
shows() {
    wait_until 60 measured "$1" && return
    curl -s http://127.0.0.1:9929/metrics | grep '^pytrace_process'
    systemctl --no-pager status 'pytrace-export*'
    return 1
}

# raised PID: the semaphores of that process that are not 0; and how many are.
raised() {
    pytrace check -p "$1" | awk '$1 == "ok" && $5 != 0 { print $2, $5 }
        $1 == "ok" { count += $5 == 0 }
        END { print count + 0, "are 0" }'
}

cat > /tmp/program.lua <<'END'
local function work() return 1 end
while true do
    for i = 1, 100 do work() end
    os.execute("sleep 0.05")
end
END
chmod 644 /tmp/program.lua
setpriv --reuid games --regid games --clear-groups lua /tmp/program.lua &
of_games=$!
lua /tmp/program.lua &
of_root=$!

for unit in pytrace-export.service pytrace-export@games.service; do
    if systemd-analyze verify --man=no $unit > verified 2>&1; then
        echo "$unit is verified"
    fi
    cat verified
done

main_of() {
    systemctl show -p MainPID --value "$1"
}
identity() {
    sed -n 's/^Uid:\t\([0-9]*\)\t.*/\1/p; s/^Cap\(Eff\|Bnd\):\t/\1 /p' \
        "/proc/$(main_of "$1")/status" | paste -sd ' ' -
}

systemctl start pytrace-export
shows "^pytrace_process_info{pid=\"$of_games\".*user=\"games\"" &&
    echo "all: the process of games is recorded"
shows "^pytrace_process_info{pid=\"$of_root\".*user=\"root\"" &&
    echo "all: the process of root is recorded"
identity pytrace-export | sed 's/^[1-9][0-9]* /another user, /; s/^/all: /'

kill -9 "$(main_of pytrace-export)"
shows "^pytrace_process_info{pid=\"$of_games\"" &&
    echo "all: killed, it begins again"
systemctl stop pytrace-export
for pid in $of_games $of_root; do
    raised "$pid" | sed 's/^/all: stopped, semaphores: /'
done

systemctl start pytrace-export@games
shows "^pytrace_process_info{pid=\"$of_games\".*user=\"games\"" &&
    echo "one user: the process of games is recorded"
shows '^pytrace_processes_refused{reason="permission"} [1-9]' &&
    echo "one user: the process of root is refused"
identity pytrace-export@games |
    sed "s/^$(id -u games) /games, /; s/^/one user: /"
systemctl stop pytrace-export@games
kill $of_games $of_root
