#!/bin/sh
# What the markers cost while nobody traces: instructions, counted by
# callgrind, against the unpatched interpreter. Each figure is the difference
# of two sizes of one program, so that start-up cancels out. "make cost"
# prints the figures.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_lua "cost"
need "cost" valgrind

cat > "$work/fib.lua" <<'EOF'
local function fib(n)
    if n < 2 then return n end
    return fib(n - 1) + fib(n - 2)
end
fib(tonumber(arg[1]))
EOF
cat > "$work/loop.lua" <<'EOF'
local n, sum, t = tonumber(arg[1]), 0, {}
for i = 1, n do
    sum = sum + i % 7
    t[i & 15] = sum
    if sum > 1000 then sum = 0 end
end
EOF

# instructions LUA PROGRAM SIZE
instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null \
        "$1" "$work/$2.lua" "$3" 2>&1 | sed -n 's/.*Collected : //p'
}

# compare PROGRAM SIZE SIZE UNITS MOST UNIT: at most MOST more for each UNIT,
# of which the larger size has UNITS more than the smaller.
compare() {
    plain=$(($(instructions "$unpatched_lua" "$1" "$3") - \
        $(instructions "$unpatched_lua" "$1" "$2")))
    patched=$(($(instructions "$lua" "$1" "$3") - \
        $(instructions "$lua" "$1" "$2")))
    result=$(awk -v plain=$plain -v patched=$patched -v units="$4" '
        BEGIN {
            printf "%.3f more each (%.1f without markers, %+.2f %%)",
                (patched - plain) / units, plain / units,
                100 * (patched - plain) / plain
        }')
    if awk -v plain=$plain -v patched=$patched -v units="$4" -v most="$5" \
        'BEGIN { exit !(plain > 0 && (patched - plain) / units <= most) }'
    then
        pass "$1, $4 $6: $result, at most $5"
    else
        fail "$1, $4 $6: at most $5 instructions more" "came: $result"
    fi
}

# fib(n) makes 2 * F(n + 1) - 1 calls, F(17) = 1597, F(23) = 28657. The 0.01
# is for the start-up, which depends on the hash seed and the time.
compare fib 16 22 54120 4 calls
compare loop 1000 1001000 1000000 0.01 rounds
finish
