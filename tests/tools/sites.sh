#!/bin/sh
# SPDX-License-Identifier: MIT
# sites.sh - the probe sites of a file, as its notes have them.
#
#   sites.sh [--offsets] FILE
#
# Prints a line for each,
#   PROVIDER NAME PC SEMAPHORE ARGUMENTS
# with the addresses as readelf prints them (0x and 16 digits); without
# arguments the line ends after SEMAPHORE. With --offsets, for programs that ask
# the kernel for probes,
#   NAME SITE SEMAPHORE FILE
# with the places as offsets in the file, in decimal. Exit status 1 when there
# are none. No other script reads what readelf -n prints.

set -eu
LC_ALL=C
export LC_ALL
offsets=0
if [ "$1" = --offsets ]; then
    offsets=1
    shift
fi
file=$(realpath "$1")
export file
{
    [ $offsets = 0 ] || readelf -lW "$file"
    readelf -nW "$file"
} 2> /dev/null | ${AWK:-awk} -v offsets=$offsets '
    function number(hexadecimal,    value, i)
    {
        value = 0
        for (i = 3; i <= length(hexadecimal); i++)
            value = 16 * value + \
                index("0123456789abcdef", substr(hexadecimal, i, 1)) - 1
        return value
    }

    function offset(address,    i)
    {
        address = number(address)
        for (i = 1; i <= segments; i++)
            if (address >= start[i] && address < end[i])
                return sprintf("%.0f", address - start[i] + begin[i])
        return "nowhere"
    }

    $1 == "LOAD" {
        segments++
        begin[segments] = number($2)
        start[segments] = number($3)
        end[segments] = start[segments] + number($6)
    }

    # Only behind a provider, so that no other note is taken for one.
    sub(/.*Provider: /, "") {
        provider = $0
    }

    provider != "" && $1 == "Name:" {
        name = $2
    }

    provider != "" && $1 == "Location:" {
        pc = $2
        sub(/,/, "", pc)
        semaphore = $NF
    }

    provider != "" && $1 == "Arguments:" {
        if (offsets) {
            print name, offset(pc), offset(semaphore), ENVIRON["file"]
        } else {
            sub(/ *Arguments: */, "")
            sub(/ *$/, "")
            print provider, name, pc, semaphore ($0 == "" ? "" : " " $0)
        }
        provider = ""
        found = 1
    }

    END {
        exit !found
    }'
