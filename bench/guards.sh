#!/bin/sh
# SPDX-License-Identifier: MIT
# guards.sh - what each form of the guard costs in interpreters that are large
# functions, by compiler and level of optimisation, while untraced.
#
#   guards.sh BUILD
#
# BUILD is a directory where pytrace is built; what is made here lies in
# BUILD/bench/guards, and what has been counted there is not counted again. The
# environment says which part of the matrix is wanted, as words:
#   HOSTS      lua quickjs duktape cpython; all unless given. Lua and CPython
#              are the ports (CPython is what "make cpython" has built; the
#              object of its evaluation loop alone is made anew, and only by the
#              first compiler's -O2 and -O3 and the first clang's -O2). Into
#              QuickJS and Duktape guards/*.patch puts a guard where a function
#              begins and ends, and at each jump.
#   COMPILERS  commands; gcc and gcc-12 to -15, clang-14 to -19, as there are
#   LEVELS     -O2 -O3 -Os -flto; the last is -O2 -flto
#   FORMS      default (the header as it is), assembly (the header's other form,
#              PYTRACE_GUARD_IN_ASSEMBLY), and those of guards/pytrace_probes.h:
#              volatile atomic jump flag call; "default assembly volatile" unless
#              given
# Prints instructions, counted by callgrind, a call of fib and a round of a
# loop: without markers, and how many more with each form; then the worst and
# the mean, in per cent of the host without markers. What is not there is left
# out, with the reason. Each is the difference of two sizes of the program, so
# that start-up cancels out.

set -eu
LC_ALL=C
export LC_ALL
if [ $# != 1 ]; then
    echo "usage: guards.sh BUILD" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
tree=${here%/*}
builddir=$(cd "$1" && pwd)
directory=$builddir/bench/guards
mkdir -p "$directory/cells"
cd "$directory"
log=$directory/build.log
: > "$log"

fail() {
    echo "guards.sh: $*" >&2
    exit 1
}

left_out() {
    echo "left out: $*" >&2
}

command -v valgrind > /dev/null || fail "there is no valgrind"
[ -f "$builddir/libpytrace.a" ] || fail "there is no $builddir/libpytrace.a"

available() {
    for compiler in gcc gcc-12 gcc-13 gcc-14 gcc-15 clang-14 clang-15 clang-16 \
        clang-17 clang-18 clang-19; do
        if [ "$compiler" = "gcc-$(gcc -dumpversion 2> /dev/null)" ]; then
            continue    # which is gcc
        elif command -v $compiler > /dev/null; then
            echo $compiler
        else
            left_out "$compiler: there is none"
        fi
    done
}

hosts=${HOSTS:-lua quickjs duktape cpython}
compilers=${COMPILERS:-$(available)}
levels=${LEVELS:--O2 -O3 -Os -flto}
forms=${FORMS:-default assembly volatile}

# ---- the hosts -----------------------------------------------------------------
#
# For each: HOST_sources, the files that have guards; HOST_others, all others;
# HOST_flags and HOST_libs.

# shellcheck disable=SC2034 # (they are used by name)
{
    lua_sources="lauxlib lbaselib ldebug ldo lgc liolib loadlib loslib lstate"
    lua_others="lapi lcode lcorolib lctype ldblib ldump lfunc linit llex
        lmathlib lmem lobject lopcodes lparser lstring lstrlib ltable ltablib
        ltm lundump lutf8lib lvm lzio lua"
    lua_flags="-std=gnu99 -DLUA_COMPAT_5_3 -DLUA_USE_LINUX
        -Dluai_makeseed(L)=42"
    lua_libs="-lm -ldl"
    lua_in=src
    quickjs_sources=quickjs
    quickjs_others="dtoa libregexp libunicode cutils quickjs-libc qjs repl"
    quickjs_flags="-fwrapv -D_GNU_SOURCE -DCONFIG_VERSION=\"guards\""
    quickjs_libs="-lm -ldl -lpthread"
    quickjs_in=.
    duktape_sources=src/duktape
    duktape_others="examples/cmdline/duk_cmdline
        extras/print-alert/duk_print_alert"
    duktape_flags="-std=c99 -DDUK_CMDLINE_PRINTALERT_SUPPORT -Isrc
        -Iextras/print-alert -Iexamples/cmdline"
    duktape_libs=-lm
    duktape_in=.
}

of_host() {
    eval "printf '%s\n' \"\$${host}_$1\""
}

# unpack HOST: to HOST/unpatched and HOST/patched. Succeeds when they are there.
unpack() {
    [ ! -f "$1/unpacked" ] || return 0
    rm -rf "$1"
    "$tree/ports/fetch.sh" . "$1" 2> why-not || {
        left_out "$1: $(cat why-not)"
        return 1
    }
    mkdir -p "$1/unpatched"
    tar -xf "$1"-[0-9]*.tar.?z -C "$1/unpatched" --strip-components=1
    cp -R "$1/unpatched" "$1/patched"
    case $1 in
    lua)
        cp "$tree"/ports/lua/lpytrace.[ch] lua/patched/src
        "$tree/ports/apply" "$tree/ports/lua/lua.lines" lua/patched ;;
    *)
        patch -s -d "$1/patched" -p1 < "$here/guards/$1.patch" ;;
    esac || fail "the markers do not fit into $1"
    # The host's own interactive mode, which qjsc would translate.
    [ "$1" != quickjs ] ||
        for variant in patched unpatched; do
            echo "const unsigned qjsc_repl_size; unsigned char qjsc_repl[1];" \
                > "quickjs/$variant/repl.c"
        done
    touch "$1/unpacked"
}

# compile FILE OBJECT FLAGS...: in a tree of the host, with its own flags.
compile() {
    file=$1 object=$2
    shift 2
    # shellcheck disable=SC2046,SC2086
    $compiler $optimise -w "$@" $(of_host flags) -c "$file.c" -o "$object"
}

# build_host PROGRAM: $host with $form, by $compiler at $level.
build_host() {
    objects=$directory/objects/$host-${compiler##*/}$level
    mkdir -p "$objects"
    case $level in
    -flto) optimise="-O2 -flto" ;;
    *) optimise=$level ;;
    esac
    cd "$host/patched/$(of_host in)"
    for file in $(of_host others); do
        object=$objects/$(basename "$file").o
        if [ ! -f "$object" ]; then
            compile "$file" "$object" &&
                mv "$object" "$object.tmp" && mv "$object.tmp" "$object" ||
                return 1
        fi
    done
    sources=$(of_host sources)
    libs="$builddir/libpytrace.a"
    if [ "$form" = none ]; then
        cd "../../../$host/unpatched/$(of_host in)" 2> /dev/null ||
            cd "../../$host/unpatched/$(of_host in)"
        libs=
    elif [ "$host" = lua ]; then
        sources="$sources lpytrace"
    fi
    mkdir -p "$objects/$form"
    for file in $sources; do
        # shellcheck disable=SC2046
        compile "$file" "$objects/$form/$(basename "$file").o" $(flags_of_form) \
            -I"$builddir/include" || return 1
    done
    cd "$directory"
    # shellcheck disable=SC2046,SC2086
    $compiler $optimise $(linker) -Wl,-E -o "$1" "$objects"/*.o \
        "$objects/$form"/*.o $libs $(of_host libs) &&
        rm -rf "${objects:?}/$form"
}

# clang's link-time optimiser is in its own linker.
linker() {
    case $level,$compiler in
    -flto,*clang*) echo "-fuse-ld=lld" ;;
    esac
}

flags_of_form() {
    case $form in
    none | default) ;;
    assembly) echo -DPYTRACE_GUARD_IN_ASSEMBLY ;;
    *) echo "-I$here/guards -DFORM_$form" ;;
    esac
}

# The loop's object comes before the library's, and is taken instead of it.
build_cpython() {
    variant=build source=src
    [ "$form" != none ] || variant=unpatched source=src-released
    flags=$(printf 'include Makefile\nguards:\n\t@echo $(PY_CORE_CFLAGS)\n' |
        make -s -C "$cpython/$variant" -f - guards)
    (
        cd "$cpython/$variant"
        # shellcheck disable=SC2046,SC2086
        $compiler -w $(flags_of_form) -I"$builddir/include" $flags $level \
            -c "../$source/Python/ceval.c" -o "$1.o" &&
            $compiler -o "$1" Programs/python.o "$1.o" libpython3.13.a \
                $([ "$form" = none ] ||
                    echo "../prefix/lib/libpytrace-python.a") \
                -Wl,-export-dynamic -lpthread -ldl -lutil -lm
    ) && rm -f "$1.o"
}

# ---- counting ------------------------------------------------------------------

# count PROGRAM WORK SIZE: all instructions of one run.
count() {
    case $host in
    lua) suffix=lua call="print($2($3))" ;;
    cpython) suffix=py call="print($2($3))" ;;
    *) suffix=js call="print($2($3))" ;;
    esac
    { cat "$here/guards/programs/$2.$suffix" && echo "$call"; } > work.$suffix
    environment=
    [ "$host" != cpython ] ||
        environment="PYTHONHOME=$cpython PYTHONPATH=$cpython/src/Lib"
    arguments=
    [ "$host" != cpython ] || arguments="-S -s -B"
    # shellcheck disable=SC2086
    env -i PATH="$PATH" PYTHONHASHSEED=0 $environment valgrind \
        --tool=callgrind --callgrind-out-file=/dev/null \
        "$1" $arguments work.$suffix > printed 2> errors ||
        fail "$host by $compiler $level, $form: $(tail -n 3 errors)"
    sed -n 's/.*Collected : //p' errors
}

# measure PROGRAM: "WORK INSTRUCTIONS" a line, for one call or round.
measure() {
    small=$(count "$1" fib 15) && large=$(count "$1" fib 19) || return 1
    # 2 fib(n + 1) - 1 calls
    awk -v n=$((large - small)) 'BEGIN { print "fib", n / (13529 - 1973) }'
    small=$(count "$1" loop 5000) && large=$(count "$1" loop 25000) || return 1
    awk -v n=$((large - small)) 'BEGIN { print "loop", n / 20000 }'
}

# What a cell's counts depend on.
depends() {
    cat "$here/guards/programs"/*
    [ "$host" = cpython ] || echo "$(of_host flags) $(of_host sources)"
    case $host in
    lua) cat "$tree/ports/lua/"*.lines "$tree"/ports/lua/lpytrace.* ;;
    cpython) cat "$cpython/stamp" ;;
    *) cat "$here/guards/$host.patch" ;;
    esac
    case $form in
    none) ;;
    default | assembly)
        # (Its comments make no difference.)
        grep -i '^[^/ ].*pytrace__' "$builddir/include/pytrace_probes.h" ;;
    *) cat "$here/guards/pytrace_probes.h" ;;
    esac
    "$compiler" --version
}

# cell: count $host with $form by $compiler at $level, unless that is known.
cell() {
    cell=cells/$host-${compiler##*/}$level-$form
    stamp="# $(depends | cksum)"
    ! [ "$(head -n 1 "$cell" 2> /dev/null)" = "$stamp" ] || return 0
    rm -f "$cell"
    program=$directory/program
    rm -f "$program"
    echo "  guards: $host by $compiler $level, $form" >&2
    if [ "$host" = cpython ]; then
        build_cpython "$program" >> "$log" 2>&1
    else
        build_host "$program" >> "$log" 2>&1
    fi || {
        cd "$directory"
        left_out "$host by $compiler $level, $form:" \
            "it does not build; $log says why"
        return 0
    }
    measure "$program" > "$cell.tmp" || exit 1
    { echo "$stamp" && cat "$cell.tmp"; } > "$cell"
    rm "$cell.tmp"
}

# Which cells CPython has: each is a minute of compiling.
is_wanted() {
    case $host,$level,$compiler in
    cpython,-O[23],"$first" | cpython,-O2,"$first_clang") ;;
    cpython,*) return 1 ;;
    esac
}

first=$(echo "$compilers" | awk '{ print $1; exit }')
first_clang=$(echo "$compilers" | tr ' ' '\n' | grep clang | head -n 1) || true
cpython=$builddir/hosts/cpython
: > table
for host in $hosts; do
    if [ "$host" = cpython ]; then
        [ -f "$cpython/stamp" ] || {
            left_out "cpython: it is not built (make cpython)"
            continue
        }
    else
        unpack "$host" || continue
    fi
    for compiler in $compilers; do
        for level in $levels; do
            is_wanted || continue
            for form in none $forms; do
                cell
                [ ! -f "$cell" ] ||
                    sed "1d; s/^/$host ${compiler##*/} $level $form /" \
                        "$cell" >> table
            done
        done
    done
done

awk -v forms="$forms" -f "$here/guards/table.awk" table
