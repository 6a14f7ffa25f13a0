#!/bin/sh
# SPDX-License-Identifier: MIT
# events.sh - a file's markers as the kernel's own tracer takes them.
#
#   events.sh FILE SIGNATURES PATH
#
# Prints a line for tracefs's uprobe_events for each marker of FILE, which lies
# at PATH where it is traced: its site, its semaphore, and its arguments where
# the note says that they are, under the names that SIGNATURES (the build's
# provider/signatures) gives them.

set -eu
LC_ALL=C
export LC_ALL
sites=$(dirname "$0")/../sites.sh
offsets=$(sh "$sites" --offsets "$1")
operands=$(sh "$sites" "$1")
{
    sed 's/^/signature /' "$2"
    printf '%s\n' "$offsets" | sed 's/^/offsets /'
    printf '%s\n' "$operands" | sed 's/^/operands /'
} | ${AWK:-awk} -v path="$3" '
    # What the kernel calls the place of an operand such as -4@%r2: POWER has
    # numbers for registers there.
    function place(operand)
    {
        sub(/.*@%?/, "", operand)
        return (operand ~ /^[0-9]+$/ ? "%gpr" : "%") operand
    }

    function size(operand)
    {
        sub(/@.*/, "", operand)
        return operand < 0 ? "s" (-8 * operand) : "u" (8 * operand)
    }

    $1 == "signature" {
        sub(/^signature /, "")
        name = $0
        sub(/\(.*/, "", name)
        sub(/^[^(]*\(/, "")
        sub(/\)$/, "")
        signature[name] = $0
    }

    $1 == "offsets" {
        site[$2] = $3
        semaphore[$2] = $4
    }

    $1 == "operands" {
        name = $3
        printf "p:%s %s:0x%x(0x%x)", name, path, site[name], semaphore[name]
        split(signature[name], declared, /, */)
        for (i = 6; i <= NF; i++) {
            label = declared[i - 5]
            sub(/.*[ *]/, "", label)
            printf " %s=", label
            if (declared[i - 5] ~ /char *\*/)
                printf "+0(%s):string", place($i)
            else
                printf "%s:%s", place($i), size($i)
        }
        print ""
    }'
