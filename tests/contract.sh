#!/bin/sh
# SPDX-License-Identifier: MIT
# The notes in the built interpreter, against the provider definition.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_lua "contract"
need "contract" readelf

definition() {
    echo "$1" | generate \
        -v probes="$srcdir/probes.d" -
}

# One line a note: provider, name, location, semaphore, arguments.
notes() {
    sh "$srcdir/tests/tools/sites.sh" "$1"
}

for image in "$lua" "$liblua"; do
    name=$(basename "$image")
    notes "$image" > "$work/notes"

    same "$name: names and order are those of the definition" \
        "$(definition @SIGNATURES@ | sed 's/(.*//')" \
        "$(awk '{ print $2 }' "$work/notes")"
    same "$name: the provider is lua" "lua" \
        "$(awk '{ print $1 }' "$work/notes" | sort -u)"
    same "$name: number, size and sign of arguments" \
        "$(definition @NOTE_ARGUMENTS@)" \
        "$(awk '{ for (i = 5; i <= NF; i++) { split($i, part, "@")
            print $2, i - 4, part[1] } }' "$work/notes")"
    case $(gcc -dumpmachine) in
    x86_64-*)
        same "$name: arguments are in registers, in the calling convention's" \
            "" "$(awk '{
                split("%rdi %rsi %rdx %rcx", wide, " ")
                split("%edi %esi %edx %ecx", narrow, " ")
                for (i = 5; i <= NF; i++) { split($i, part, "@")
                    want = part[1] ~ /8/ ? wide[i - 4] : narrow[i - 4]
                    if (part[2] != want) print $2 ": " $i } }' "$work/notes")"
        ;;
    esac
    same "$name: each marker has one site, all different" \
        "$(wc -l < "$work/notes")" \
        "$(awk '{ print $3 }' "$work/notes" | sort -u | wc -l)"
    same "$name: each marker has a semaphore of its own" \
        "$(wc -l < "$work/notes")" \
        "$(awk '{ print $4 }' "$work/notes" | grep -v '^0x0*$' |
            sort -u | wc -l)"

    # The semaphores' addresses against the section's, and its flags.
    section=$(readelf -SW "$image" | sed 's/^ *\[ *[0-9]*\] *//' |
        awk '$1 == ".probes" { print $3, $5, $7 }')
    same "$name: semaphores lie in .probes, which is writable" "" \
        "$(awk -v section="$section" '
            function number(hex,    i, n) {
                sub(/^0x/, "", hex)
                for (i = 1; i <= length(hex); i++)
                    n = n * 16 + index("0123456789abcdef",
                                       substr(hex, i, 1)) - 1
                return n
            }
            BEGIN {
                split(section, part, " ")
                start = number(part[1])
                end = start + number(part[2])
                if (part[3] !~ /W/) print ".probes has flags " part[3]
            }
            { at = number($4) }
            at < start || at + 2 > end { print $2 " has its at " $4 }' \
            "$work/notes")"
    same "$name: no symbol of pytrace can be seen from outside" "" \
        "$(nm -D "$image" | grep -E 'semaphore|pytrace|_group')"
done
finish
