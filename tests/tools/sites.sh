#!/bin/sh
# sites.sh - where a file has its probe sites and semaphores.
#
#   sites.sh FILE
#
# Prints a line for each marker,
#   NAME SITE SEMAPHORE FILE
# with the places as offsets in the file, in decimal. Exit status 1 when there
# are none.

set -eu
LC_ALL=C
export LC_ALL
{
    readelf -lW "$1"
    readelf -n "$1"
} 2> /dev/null | ${AWK:-awk} -v file="$(realpath "$1")" '
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

    $1 == "Name:" {
        name = $2
    }

    $1 == "Location:" {
        gsub(/,/, "")
        print name, offset(number($2)), offset(number($6)), file
        found = 1
    }

    END {
        exit !found
    }'
