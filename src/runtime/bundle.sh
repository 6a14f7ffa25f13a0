#!/bin/sh
# SPDX-License-Identifier: MIT
# bundle.sh - write the two files that a host copies into its own tree:
# pytrace_probes.h and pytrace_probes.c, which need neither an installed
# pytrace, nor dtrace, nor sys/sdt.h to be compiled. "make bundle" runs it.
#
#   bundle.sh BUILD_DIRECTORY OUTPUT_DIRECTORY RUNTIME
#
# RUNTIME is the runtime's source as the generator writes it with bundled=1.
# CC, CPPFLAGS and AWK are taken from the environment, and REAL_DTRACE, which is
# not empty in a build that cannot be bundled.

set -eu
LC_ALL=C
export LC_ALL
build=$1 output=$2 runtime=$3

if [ -n "${REAL_DTRACE:-}" ]; then
    echo "bundle.sh: this build is configured with a real DTrace, whose" \
        "markers cannot be bundled; configure with systemtap's dtrace" >&2
    exit 1
fi

# The files that #include <sys/sdt.h> reads, from the preprocessor's own
# line markers.
# shellcheck disable=SC2086
included=$(echo '#include <sys/sdt.h>' | ${CC:-cc} ${CPPFLAGS:-} -E -x c - |
    sed -n 's/^# [0-9]* "\(\/[^"]*\)".*/\1/p' | sort -u)
sdt=$(echo "$included" | sed -n '/\/sys\/sdt\.h$/{p;q;}')
config=$(echo "$included" | sed -n '/\/sys\/sdt-config\.h$/{p;q;}')
if [ ! -r "$sdt" ]; then
    echo "bundle.sh: cannot find sys/sdt.h; install systemtap-sdt-dev" \
        "(Fedora: systemtap-sdt-devel)" >&2
    exit 1
fi

mkdir -p "$output"

{
    cat "$build/include/pytrace.h"
    cat "$build/include/pytrace_probes.h"
} > "$output/pytrace_probes.h.tmp"

${AWK:-awk} -v sdt="$sdt" -v config="$config" '
function insert(file,    line) {
    while ((getline line < file) > 0)
        if (line ~ /^# *include "sdt-config.h"/)
            insert(config)
        else {
            # An empty argument for its "...", which strict C99 asks for.
            sub(/_SDT_ASM_ARGS, \(n\)\)/, "_SDT_ASM_ARGS, (n), )", line)
            print line
        }
    close(file)
}
/^#include "pytrace.h"/ { next }
/^#include "pytrace_provider.h"/ {
    print "\n#define _SDT_HAS_SEMAPHORES 1\n"
    print "/* ---- sys/sdt.h, which is dedicated to the public domain ---- */\n"
    insert(sdt)
    print "\n/* ---- the end of sys/sdt.h ---- */\n"
    next
}
{ print }
END {
    print "\n/* A source behind this one may include sys/sdt.h itself. */"
    print "#undef _SYS_SDT_H"
    print "#undef _SDT_HAS_SEMAPHORES"
    print "#undef STAP_SDT_ARG_CONSTRAINT"
}' "$runtime" > "$output/pytrace_probes.c.tmp"

mv "$output/pytrace_probes.h.tmp" "$output/pytrace_probes.h"
mv "$output/pytrace_probes.c.tmp" "$output/pytrace_probes.c"
