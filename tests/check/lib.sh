# SPDX-License-Identifier: MIT
# lib.sh - what the tests of pytrace check share; each sources it after
# tests/lib.sh. Ends the test, skipped, where they cannot run.
#
# shellcheck shell=sh

if [ ! -x "${pytrace:?}" ]; then
    skip "pytrace check" "it was not built: libelf-dev, or the markers, are \
missing"
    finish
fi
need "pytrace check" as ld readelf python3
case $(uname -m) in
x86_64) ;;
*)
    skip "pytrace check" "this is not x86-64, whose files it is tried with"
    finish ;;
esac
cd "${work:?}" || exit 1

# ---- files made for the purpose

# The host of most lists: two markers, both fired.
host='host p | a s -4 | b -w
fires p a
fires p b'

# link_small LD FILE OBJECT: as a library with small pages.
link_small() {
    linker=$1
    shift
    $linker -shared -z relro -z max-page-size=256 -z common-page-size=256 \
        -o "$@" 2> ld.log
}

# make_notes NAME BITS [OPTION...] < LIST: an assembler source (notes.awk). With
# the host above, where no line of the list begins with "host" or "nohost".
make_notes() {
    source=$1 bits=$2
    shift 2
    sed 's/ *$//' > list.tmp
    grep -q '^\(no\)*host' list.tmp || printf '%s\n' "$host" >> list.tmp
    sed '/^nohost/d' list.tmp |
        $AWK -f "${srcdir:?}/tests/check/notes.awk" -v bits="$bits" "$@" - \
        > "$source.s"
}

# make_file NAME [OPTION...] < LIST: a shared library for x86-64.
make_file() {
    file=$1
    shift
    make_notes "$file" 64 "$@"
    if ! as --64 -o "$file.o" "$file.s" ||
        ! link_small "ld -m elf_x86_64" "$file" "$file.o"; then
        fail "$file can be made" "$(cat ld.log)"
    fi
}

# says NAME STATUS EXPECTED COMMAND...: its exit status, and what it says of
# shortfalls, or on stderr, with ADDRESS for addresses.
says() {
    name=$1 status=$2 expected=$3
    shift 3
    came=0
    "$@" > out 2> err || came=$?
    same "$name" "exit status $status
$expected" "exit status $came
$({
        sed -n -e 's/^  \(.* are well\)$/\1/p' -e 's/^  \(none of .*\)/\1/p' \
            -e 's/^  \([a-z_A-Z0-9]*: \)/\1/p' \
            -e 's/^  \(\(provider\|this\) [a-z]*: \)/\1/p' out |
            sed '/^other providers: /d'
        cat err
    } | sed 's/0x[0-9a-f]*/ADDRESS/g')"
}

# judged NAME EXPECTED < LIST: a library of these falls short so.
judged() {
    make_file judged
    says "$1" 1 "$2" "$pytrace" check judged
}

# well NAME < LIST: all is well with a library of these.
well() {
    make_file judged
    says "$1" 0 "all 2 markers of provider p are well" "$pytrace" check judged
}

good='a one 8@%rdi -4@%esi
b two -8@%rdi'
make_file good << EOD
$good
EOD
