#!/bin/sh
# A host describes itself: the note and the records in .note.pytrace, and that
# pytrace-check learns from them what a host fires; through compilers, linkers
# and strip. The bundle in other surroundings: unity builds, two providers,
# macros of the host's, other instruction sets.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need "records" gcc readelf "$MAKE"
need_markers "records"
check=$builddir/pytrace-check
if [ ! -x "$check" ]; then
    skip "records" "pytrace-check was not built"
    finish
fi
cd "$work" || exit 1
(cd "$builddir" && $MAKE -s bundle) > log 2>&1 || cat log
bundle=$builddir/bundle

# It fires two markers by their macros and one by its function; another one
# only in code that no compiler keeps.
cat > few.c << 'E'
#include "pytrace_probes.h"
static void unused(void) { PYTRACE_LINE("", "", 1); }
int main(int argc, char **argv)
{
    (void)argv;
    PYTRACE_AUDIT("x", 0);
    PYTRACE_GC_START(argc);
    if (PYTRACE_GC_DONE_ENABLED())
        pytrace_gc_done(argc);
    return sizeof(unused) == 0;
}
E
nowhere="function__entry function__return line import__find__load__start\
 import__find__load__done"

# fired_nowhere FILE: the markers of which pytrace-check says so.
fired_nowhere() {
    "$check" "$1" > said 2>&1
    echo "$(sed -n 's/^ *\([a-z_]*\): .*fired nowhere.*/\1/p' said) ($?)" |
        tr '\n' ' ' | sed 's/ $//'
}

# built CELL: "COMPILER FLAGS", with the bundle and with the archive.
built() {
    # shellcheck disable=SC2086
    $1 -w -I"$bundle" -o few few.c "$bundle/pytrace_probes.c" > log 2>&1
}
judged() {
    name=$1
    fired_nowhere few > /dev/null
    same "$name: what is fired nowhere" "$(echo $nowhere | tr ' ' '\n' | sort)" \
        "$(sed -n 's/^ *\([a-z_]*\): .*fired nowhere.*/\1/p' said | sort)"
}
