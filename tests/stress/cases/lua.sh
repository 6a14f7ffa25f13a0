# SPDX-License-Identifier: MIT
# lua.sh - stress cases of the Lua port; case.sh sources it.
#
# shellcheck shell=sh disable=SC2154 # (its variables are case.sh's)

# take_lua: a private copy, its program, and a list of its sites.
take_lua() {
    cp "$lua" "$srcdir/tests/stress/lua.lua" "$srcdir/tests/stress/module.lua" .
    sh "$srcdir/tests/tools/sites.sh" --offsets lua > lua.sites
    plain=$("$unpatched_lua" lua.lua 1)
}

# start_lua [NAME]: it runs until end_lua, or the end of the case; $plain is
# what it must print.
start_lua() {
    take_lua
    lua_name=${1:-lua}
    [ "$lua_name" = lua ] || ln lua "$lua_name"
    setpriv --pdeathsig KILL "./$lua_name" lua.lua > printed &
    lua_pid=$!
    wait_until "$patience" runs_lua || wrong "Lua was not started"
}

# The process is no longer the one that is to start Lua.
runs_lua() {
    has_mapped "$lua_pid" "$lua_name"
}

end_lua() {
    no_semaphores "$lua_name" "$lua_pid"
    : > stop
    wait "$lua_pid" || wrong "Lua failed"
    compare "Lua's program" "$plain" "$(cat printed)"
}

case_lua_cycles() {
    start_lua
    "$programs/attach" cycles "$lua_pid" lua.sites "$1" "$2"
    end_lua
}

case_lua_kills() {
    start_lua
    "$programs/attach" kills "$lua_pid" lua.sites "$1" "$2"
    end_lua
}

child_runs_lua() {
    lua_pid=$(child_of "$counter") && runs_lua
}

# One tracer sees all of a program of AMOUNT rounds, while others of the other
# markers come and go.
case_lua_counts() {
    take_lua
    lua_name=lua
    grep -E '^(function__|line )' lua.sites > counted.sites
    grep -v -E '^(function__|line )' lua.sites > other.sites
    "$programs/count" alone counted.sites all ./lua lua.lua "$1" > printed
    compare "Lua's program" "$plain" "$(cat printed)"
    "$programs/count" disturbed counted.sites all ./lua lua.lua "$1" > printed &
    counter=$!
    wait_until "$patience" child_runs_lua || wrong "Lua was not started"
    "$programs/attach" cycles "$lua_pid" other.sites 1000000 "$2" > meanwhile
    wait "$counter" || wrong "Lua failed"
    compare "Lua's program" "$plain" "$(cat printed)"
    compare "counted" "$(cat alone)" "$(cat disturbed)"
    cycles=$(sed 's/ .*//' meanwhile)
    [ "$cycles" -gt 0 ] || wrong "nothing came or went"
    awk -v cycles="$cycles" '{ n[$1] = $2 }
        END {
            print n["line"] " lines, " n["function__entry"] " calls, " \
                cycles " cycles meanwhile"
            exit n["function__entry"] != n["function__return"]
        }' disturbed || wrong "not as many returns as entries"
}

# AMOUNT interpreters that start and end while all of them are traced, four at a
# time; another one, which is not counted, runs from before until after that.
case_interpreters() {
    start_lua other
    # What one of them fires, counted by the kernel.
    "$programs/count" one lua.sites process ./lua lua.lua 10 > printed.one
    compare "returns" "$(sed -n 's/^function__entry //p' one)" \
        "$(sed -n 's/^function__return //p' one)"
    start_tracer all "$(count_script lua lua function__entry function__return \
        line | sed 's,{,/comm == "lua"/ {,')"
    n=0
    while [ $n -lt "$1" ]; do
        running=
        for _ in 1 2 3 4; do
            n=$((n + 1))
            ./lua lua.lua 10 > printed.$n &
            running="$running $!"
        done
        for pid in $running; do
            wait "$pid" || wrong "an interpreter failed"
        done
    done
    end_tracers "$tracer"
    end_lua
    for printed in printed.*; do
        compare "the program" "$plain" "$(cat "$printed")"
    done
    expected=$(awk -v n=$n '/^(function__entry|function__return|line) / {
        print $1 " " n * $2 }' one | sort)
    compare "counted" "$expected" "$(counted all)"
    echo "$n interpreters, $(echo "$expected" |
        awk '{ n += $2 } END { print n }') events"
}
