#!/bin/sh
# SPDX-License-Identifier: MIT
# semaphores.sh - how many tracers watch: the sum of the semaphores that an
# executable or library has in the memory of a process.
#
#   semaphores.sh IMAGE PID
#
# Exit status 1 when they cannot be read.

set -eu
image=$(realpath "$1")
# They lie in the section .probes; the image is loaded at its first mapping.
base=$(awk -v image="$image" \
    '$6 == image { sub("-.*", "", $1); print $1; exit }' "/proc/$2/maps")
section=$(readelf -SW "$image" | sed 's/^ *\[ *[0-9]*\] *//' |
    awk '$1 == ".probes" { print $3, $5 }')
size=$((0x${section#* }))
dd if="/proc/$2/mem" bs=1 skip=$((0x$base + 0x${section% *})) count=$size \
    status=none | od -An -v -tu2 | awk -v expected=$((size / 2)) '
    {
        read += NF
        for (i = 1; i <= NF; i++)
            sum += $i
    }
    END {
        if (!read || read < expected)
            exit 1
        print sum
    }'
