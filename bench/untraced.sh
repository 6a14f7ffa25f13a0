#!/bin/sh
# SPDX-License-Identifier: MIT
# untraced.sh - what markers cost while untraced: Lua 5.4.4 as released, with
# pytrace, and with other ways to do the same, built with the same flags.
#
#   untraced.sh [--quick|--counts] DIRECTORY RESULTS [PROGRAM...]
#
# The interpreters are built in DIRECTORY and kept there; the programs are those
# of programs/list, all of them unless some are named. RESULTS gets lines of
# fields with tabs between them,
#   TABLE ROW COLUMN UNIT VALUE LOW HIGH N
# appended to what it has. A COLUMN is a competitor (see below) or "unpatched".
#   instructions  how many more than unpatched, in per cent, counted by
#                 callgrind: the difference of two sizes of the program, so
#                 that start-up cancels out, without those of malloc(), free()
#                 and memcmp(), which differ with addresses; and for unpatched
#                 itself, instructions a unit of the program's work. The row
#                 "mean" is the geometric mean.
#   guards        of programs whose work is calls, how many instructions more
#                 a call
#   time          processor time, as a ratio to unpatched: the median of N pairs
#                 of runs, one right after the other, in turns; LOW and HIGH are
#                 the quartiles. Not of the competitors with lines, which
#                 --quick does not count either.
#   size          bytes of code: all of it (text), and what a call passes (eval
#                 loop): the functions named in measure_size, hot parts and cold
# With --counts, pytrace is the only competitor, and nothing is timed.
# CC, LUA_TARBALL, LUA_GROUPS (of optional markers to build in; none) and PAIRS
# (the number of pairs; 11, with --quick 1) are taken from the environment. Exit
# status 77 when Lua's source cannot be had, 2 when the command line is wrong, 1
# when something fails, or a program prints something else under a competitor
# than under unpatched Lua.

set -eu
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
tree=${here%/*}
port=$tree/ports/lua
name=bench

# The competitors. With the port as it is, which tests the group at entries and
# has no guard in the loop:
#   pytrace        the guards of pytrace
#   pytrace-three  the same, but three guards where the port tests the group
#   volatile       guards in C
# And with loop.lines over it, a test of its own for each entry and return where
# it happens, as the other techniques want it:
#   pytrace-loop   the guards of pytrace
#   sdt-guarded    inline probes of sys/sdt.h, behind semaphores
#   sdt-unguarded  inline probes of sys/sdt.h, without semaphores
#   hook           pointers to functions
#   lttng          tracepoints of LTTng-UST
# And NAME-lines is NAME in the loop with a test for lines at each instruction,
# which the port as it is does without.
timed="pytrace pytrace-three volatile pytrace-loop sdt-guarded sdt-unguarded
    hook lttng"
competitors="$timed pytrace-lines volatile-lines sdt-guarded-lines hook-lines
    lttng-lines"

fail() {
    echo "untraced.sh: $*" >&2
    exit 1
}

usage() {
    echo "usage: untraced.sh [--quick|--counts] DIRECTORY RESULTS" \
        "[PROGRAM...]" >&2
    exit 2
}

pairs=11
case ${1:-} in
--quick)
    pairs=1
    competitors=$timed
    shift ;;
--counts)
    timed=
    competitors=pytrace
    shift ;;
esac
case ${1:--} in
-*) usage ;;
esac
[ $# -ge 2 ] || usage
case ${PAIRS:-$pairs} in
*[!0-9]* | 0*)
    echo "untraced.sh: PAIRS=$PAIRS is not a number of pairs" >&2
    exit 2 ;;
esac
pairs=${PAIRS:-$pairs}
mkdir -p "$1" || exit 1
: >> "$2" || exit 1
directory=$(cd "$1" && pwd)
results=$(cd "$(dirname "$2")" && pwd)/${2##*/}
shift 2

programs=$directory/programs
if [ $# = 0 ]; then
    grep -v '^#' "$here/programs/list" > "$programs"
else
    : > "$programs"
    for program; do
        grep "^$program " "$here/programs/list" >> "$programs" || {
            echo "untraced.sh: no program is called $program;" \
                "bench/programs/list names them" >&2
            exit 2
        }
    done
fi
for tool in valgrind readelf objdump addr2line nm make patch; do
    command -v $tool > /dev/null || fail "there is no $tool"
done
[ "$(uname -m)" = x86_64 ] || fail "the guards are known for x86-64 only"
case $competitors in
*lttng*)
    [ -f /usr/include/lttng/tracepoint.h ] ||
        [ -f "/usr/include/$(uname -m)-linux-gnu/lttng/tracepoint.h" ] ||
        fail "there is no lttng/tracepoint.h (liblttng-ust-dev)" ;;
esac
[ -x "$tree/configure" ] || fail "there is no $tree/configure; run autoreconf"

cd "$directory"
log=$directory/build.log
cc=${CC:-gcc}
# shellcheck source=SCRIPTDIR/../ports/lib.sh
. "$tree/ports/lib.sh"
# shellcheck source=SCRIPTDIR/../ports/lua/lib.sh
. "$port/lib.sh"

# ---- building ----------------------------------------------------------------

# Lua's hash seed comes from addresses and the time; counts would not repeat.
flags="'-Dluai_makeseed(L)=42'"

# copy_patched NAME: what pytrace was built from, with the objects that have no
# markers.
copy_patched() {
    rm -rf "src/$1" &&
        cp -Rp src/pytrace "src/$1" &&
        (cd "src/$1/src" && rm -f lua luac liblua.a &&
            grep -l pytrace ./*.c | sed 's/c$/o/' | xargs rm -f)
}

# build NAME: makes NAME/lua.
build() {
    variant=${1%-lines}
    variant=${variant%-loop}
    cflags=$flags libs=
    case $1 in
    unpatched) unpack "$1" ;;
    pytrace) unpack_patched "$1" "$port" ;;
    *) copy_patched "$1" ;;
    esac || return 1
    if [ "$1" != unpatched ]; then
        [ ! -d "$here/variants/$variant" ] ||
            cflags="$cflags -I$here/variants/$variant"
        cflags="$cflags $(pkg-config --cflags pytrace-lua)"
        libs=$(pkg-config --libs pytrace-lua)
    fi
    case $1 in
    sdt-* | hook* | lttng* | *-loop | *-lines)
        "$tree/ports/apply" "$here/loop.lines" "src/$1" || return 1 ;;
    esac
    case $1 in
    *-lines) cflags="$cflags -DLOOPLINES" ;;
    esac
    compile "$1" "$cflags" "$libs" &&
        mkdir -p "$1" &&
        cp "src/$1/src/lua" "$1/lua"
}

# guards NAME FUNCTION: the instructions there that read what the markers'
# guards test, as "MNEMONIC SYMBOL".
guards() {
    objdump -d --no-show-raw-insn --disassemble="$2" "$1/lua" |
        sed -n 's/^ *[0-9a-f]*:\t\([a-z]*\) .*<\(.*\)>$/\1 \2/p' |
        grep -E '_semaphore|_group|_hook$|lttng_ust_tracepoint_lua_'
}

# sites NAME: the probe sites, as "MARKER FUNCTION SEMAPHORE".
sites() {
    sh "$here/../tests/tools/sites.sh" "$1/lua" |
        while read -r _ marker location semaphore _; do
            echo "$marker $(addr2line -f -e "$1/lua" "$location" |
                head -n 1) $semaphore"
        done
}

# has WHAT COUNT TEXT PATTERN: COUNT lines or more of the text have the pattern.
has() {
    [ "$(printf '%s\n' "$3" | grep -c -E -e "$4")" -ge "$2" ] || {
        echo "$1: expected $2 or more of $4; there is:" "
$3"
        return 1
    }
}

# check_markers NAME: they are really there, by the technique that it is called
# after, where a function begins and where the loop ends one.
check_markers() {
    entry=$(guards "$1" luaD_precall)
    loop=$(guards "$1" luaV_execute)
    sites=$(sites "$1")
    # (A group's word and its first semaphore have the same address.)
    first='lua(_function__entry_semaphore|__eval_group)'
    case $1 in
    pytrace)
        has "$1, entry" 1 "$entry" "^cmpq $first" ;;
    pytrace-three)
        has "$1, entry" 3 "$entry" "^cmpw lua_" ;;
    volatile)
        has "$1, entry" 1 "$entry" "^mov $first" ;;
    pytrace-l* | sdt-guarded*)
        has "$1, entry" 1 "$entry" "^cmpw $first" &&
            has "$1, loop" 3 "$loop" "^cmpw lua_function__return_sem" ;;
    volatile-l*)
        has "$1, entry" 1 "$entry" "^mov(zwl)? $first" &&
            has "$1, loop" 3 "$loop" "^mov(zwl)? lua_function__return_sem" ;;
    hook*)
        has "$1, entry" 1 "$entry" "^mov function_entry_hook" &&
            has "$1, loop" 3 "$loop" "^mov function_return_hook" ;;
    lttng*)
        has "$1, entry" 1 "$entry" "^mov .*_lua___function_entry" &&
            has "$1, loop" 3 "$loop" "^mov .*_lua___function_return" ;;
    esac &&
    case $1 in
    sdt-*)
        semaphore='0x0*[1-9a-f]'
        [ "$1" != sdt-unguarded ] || semaphore='0x0*$'
        has "$1" 1 "$sites" "^function__entry luaD_precall $semaphore" &&
            has "$1" 3 "$sites" "^function__return luaV_execute $semaphore" ;;
    esac &&
    case $1 in
    *-lines)
        has "$1, loop" 1 "$loop" "_line|line_hook" ;;
    esac &&
    has "$1" 8 "$sites" "^[a-z_]+ pytrace__probe_"
}

build_all() {
    : > "$log"
    rm -f stamp
    "$tree/ports/fetch.sh" . lua
    step "pytrace" install_pytrace "$tree" lua \
        ${LUA_GROUPS:+"--with-groups=$LUA_GROUPS"}
    for competitor in unpatched $competitors; do
        step "$competitor" build "$competitor"
        [ "$competitor" = unpatched ] ||
            step "$competitor: are its markers there?" \
                check_markers "$competitor"
    done
    rm -rf src
}

# What the interpreters are made from.
made_from() {
    echo "$competitors $version ${LUA_GROUPS:-}"
    cat "$here/untraced.sh" "$here/loop.lines" "$here"/variants/*/* \
        "$tree/ports/apply" "$port/lib.sh" "$port"/*.lines "$port"/lpytrace.* "$tree/ports/lib.sh" \
        "$tree/probes.d" "$tree"/src/* "$tree"/include/*.in \
        "$tree/configure.ac" "$tree/Makefile.am"
    $cc --version
}

stamp=$(made_from | cksum)
if [ "$(cat stamp 2> /dev/null)" != "$stamp" ]; then
    build_all >&2
    echo "$stamp" > stamp
fi

# ---- measuring ---------------------------------------------------------------

# record TABLE ROW COLUMN UNIT VALUE [LOW HIGH N]
record() {
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$5" \
        "${6:-}" "${7:-}" "${8:-}" >> "$results"
}

# in_place_of NAME COMMAND...: run it where that interpreter is ./lua, as the
# length of its name would change when the collector runs.
in_place_of() {
    (cd "$1" && shift && exec env -i PATH="$PATH" "$@")
}

# same_output NAME: what it printed (NAME.printed) is what unpatched Lua did.
same_output() {
    cmp -s unpatched.printed "$1.printed" ||
        fail "under $1, $(diff unpatched.printed "$1.printed" | awk '
            /^[<>]/ { print $2; exit }') does not print what it prints under" \
            "unpatched Lua; compare $directory/unpatched.printed and" \
            "$1.printed there"
}

# count NAME: of each program, how many instructions its larger size takes more
# than its smaller, to NAME.counts. Each program has a process of its own, as
# the heap that another leaves behind changes the counts; in it each call of
# os.clock ends a part of the counts, and a run is every second part.
count() {
    : > "$1.printed"
    while read -r program small large _; do
        rm -rf "$1.parts"
        mkdir "$1.parts"
        file=$here/programs/$program.lua
        in_place_of "$1" valgrind --tool=callgrind --dump-before=os_clock \
            --callgrind-out-file="$directory/$1.parts/out" \
            --toggle-collect=malloc --toggle-collect=realloc \
            --toggle-collect=calloc --toggle-collect=free \
            --toggle-collect='*memcmp*' --collect-atstart=yes \
            ./lua "$here/programs/run.lua" "$file" "$small" "$file" "$large" \
            < /dev/null >> "$1.printed" 2> "$1.errors" ||
            fail "$1 failed under valgrind: $(grep -v '^==' "$1.errors")"
        sed -n 's/^totals: //p' "$1.parts/out.2" "$1.parts/out.4" |
            awk -v program="$program" '
                { total[NR] = $1 }
                END { print program, total[2] - total[1] }'
    done < "$programs" > "$1.counts"
    rm -rf "$1.parts"
}

measure_instructions() {
    echo "  bench: counting instructions" >&2
    before=
    for competitor in unpatched $competitors; do
        count "$competitor" &
        [ -z "$before" ] || wait "$before"
        before=$!
    done
    wait "$before"
    while read -r program small large _ units unit; do
        plain=$(sed -n "s/^$program //p" unpatched.counts)
        units=$(((large - small) * units))
        record instructions "$program" unpatched "instructions/$unit" \
            "$(awk -v n="$plain" -v units=$units \
                'BEGIN { printf "%.3f", n / units }')"
        for competitor in $competitors; do
            more=$(awk -v program="$program" -v plain="$plain" '
                $1 == program { print $2 - plain }' "$competitor.counts")
            record instructions "$program" "$competitor" % \
                "$(awk -v more="$more" -v plain="$plain" \
                    'BEGIN { printf "%.3f", 100 * more / plain }')"
            case $unit,$competitor in
            call,pytrace | call,pytrace-three)
                record guards "$program" "$competitor" instructions/call \
                    "$(awk -v more="$more" -v units=$units \
                        'BEGIN { printf "%.3f", more / units }')" ;;
            esac
        done
    done < "$programs"
    for competitor in $competitors; do
        same_output "$competitor"
        record instructions mean "$competitor" % "$(awk '
            NR == FNR { plain[$1] = $2; next }
            { logs += log($2 / plain[$1]); n++ }
            END { printf "%.3f", 100 * (exp(logs / n) - 1) }' \
            unpatched.counts "$competitor.counts")"
    done
}

# run NAME PROGRAM SIZE: its seconds of processor time, to NAME.seconds
run() {
    in_place_of "$1" ./lua "$here/programs/run.lua" \
        "$here/programs/$2.lua" "$3" > "$1.printed" 2> "$1.seconds" ||
        fail "$1 failed: $(cat "$1.seconds")"
}

# ratios NAME PROGRAM SIZE: of each pair, in ascending order
ratios() {
    pair=0
    while [ $pair -lt "$pairs" ]; do
        pair=$((pair + 1))
        if [ $((pair % 2)) = 1 ]; then
            run unpatched "$2" "$3"
            run "$1" "$2" "$3"
        else
            run "$1" "$2" "$3"
            run unpatched "$2" "$3"
        fi
        same_output "$1"
        cat "$1.seconds" unpatched.seconds
    done | awk 'NR % 2 { first = $1; next } { print first / $1 }' | sort -n
}

measure_time() {
    for competitor in $timed; do
        : > "$competitor.medians"
    done
    while read -r program _ _ size _; do
        echo "  bench: timing $program" >&2
        for competitor in $timed; do
            ratios "$competitor" "$program" "$size" < /dev/null |
                awk '
                # between the two values that lie nearest
                function quantile(q,    at, low) {
                    at = 1 + q * (NR - 1)
                    low = int(at)
                    return low == NR ? value[NR] :
                        value[low] + (at - low) * (value[low + 1] - value[low])
                }
                { value[NR] = $1 }
                END {
                    printf "%.4f %.4f %.4f\n", quantile(0.5), quantile(0.25),
                        quantile(0.75)
                }' > "$competitor.ratio"
            cat "$competitor.ratio" >> "$competitor.medians"
            read -r median low high < "$competitor.ratio"
            record time "$program" "$competitor" ratio "$median" "$low" \
                "$high" "$pairs"
        done
    done < "$programs"
    for competitor in $timed; do
        awk '{ for (i = 1; i <= 3; i++) logs[i] += log($i) }
            END {
                for (i = 1; i <= 3; i++) printf "%.4f ", exp(logs[i] / NR)
            }' "$competitor.medians" > "$competitor.ratio"
        read -r median low high < "$competitor.ratio" || :
        record time mean "$competitor" ratio "$median" "$low" "$high" "$pairs"
    done
}

# The compiler may make parts of functions: NAME.cold, NAME.isra.0.
measure_size() {
    for competitor in unpatched $competitors; do
        nm -S -t d "$competitor/lua" | awk '
            BEGIN {
                n = split("luaV_execute luaD_precall luaD_pretailcall " \
                    "luaD_poscall luaD_call luaD_callnoyield ccall precallC " \
                    "prepCallInfo moveresults rethook", names, " ")
                for (i = 1; i <= n; i++)
                    wanted[names[i]]
            }
            {
                split($4, part, ".")
                if (part[1] in wanted && $4 ~ /\.cold/) cold += $2
                else if (part[1] in wanted) hot += $2
            }
            END { print hot + cold, hot + 0, cold + 0 }' > sizes
        read -r all hot cold < sizes
        record size "eval loop" "$competitor" bytes "$all"
        record size "eval loop, hot" "$competitor" bytes "$hot"
        record size "eval loop, cold" "$competitor" bytes "$cold"
        record size text "$competitor" bytes "$(size -A "$competitor/lua" |
            awk '$1 == ".text" { print $2 }')"
    done
}

measure_size
measure_instructions
[ -z "$timed" ] || measure_time
