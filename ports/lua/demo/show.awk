# SPDX-License-Identifier: MIT
# show.awk - show the events of a traced program, as trace.bt and trace.py
# write them, in sections: calls, lines, collections, imports, audit events.
# POSIX awk. -v markers='NAME NAME ...' says which ought to have fired; the
# last line says whether they did, and the exit status is 1 if not.

BEGIN {
    FS = "\t"
    expected = split(markers, marker, " ")
}

{
    name = $4
    sub(/.*:/, "", name)
    fired[name]++
    if (first == "")
        first = $1
    at = int(($1 - first) / 1000)
    file = $5
    sub(/.*\//, "", file)
}

name == "function__entry" {
    call[++calls] = sprintf("%7d %s(%d): %*s=> %s in %s:%d", at, $3, $2,
                            2 * depth[$2]++, "", $6, file, $7)
}

name == "function__return" {
    call[++calls] = sprintf("%7d %s(%d): %*s<= %s in %s:%d", at, $3, $2,
                            2 * --depth[$2], "", $6, file, $7)
}

name == "line" {
    where = file ":" $7
    if (!(where in line))
        line_order[++lines] = where
    line[where]++
    line_function[where] = $6
}

name == "gc__start" {
    gc_start[$2] = $1
    gc_generation[$2] = $5
}

name == "gc__done" && ($2 in gc_start) {
    gc[++gcs] = sprintf("  %10d %11.1f %9d", gc_generation[$2],
                        ($1 - gc_start[$2]) / 1000, $5)
    delete gc_start[$2]
}

name == "import__find__load__start" {
    import_depth++
    import_start[import_depth] = $1
}

name == "import__find__load__done" && import_depth > 0 {
    import[++imports] = sprintf("  %-24s %10.1f   %s", $5,
                                ($1 - import_start[import_depth]) / 1000,
                                $6 ? "loaded" : "not found")
    import_depth--
}

name == "audit" {
    audit[++audits] = sprintf("%10d   %s", at, $5)
}

function section(title, header, rows, n,    i)
{
    print "\n" title "\n"
    if (header != "")
        print header
    for (i = 1; i <= n; i++)
        print rows[i]
}

END {
    section("Calls and returns: microseconds, process(thread), function," \
            " file and line", "", call, calls)

    for (n = 1; n <= 10; n++) {     # the ten most executed lines
        best = ""
        for (i = 1; i <= lines; i++)
            if (!(line_order[i] in shown) &&
                (best == "" || line[line_order[i]] > line[best]))
                best = line_order[i]
        if (best == "")
            break
        shown[best] = 1
        top[n] = sprintf("%10d   %-22s %s", line[best], best,
                         line_function[best])
    }
    section("Lines: " fired["line"] + 0 " executed, " lines + 0 \
            " different ones; the most executed", \
            "     TIMES   FILE:LINE              FUNCTION", top, n - 1)
    section("Collections", "  GENERATION   PAUSE, us   OBJECTS", gc, gcs)
    section("Imports", "  MODULE                      TIME, us   RESULT",
            import, imports)
    section("Audit events", "    AT, us   EVENT", audit, audits)

    print ""
    for (i = 1; i <= expected; i++)
        if (fired[marker[i]])
            good++
        else
            print "did not fire: " marker[i]
    print good + 0 " of " expected " markers fired"
    exit good < expected || expected == 0
}
