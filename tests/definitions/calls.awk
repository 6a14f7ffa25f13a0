# calls.awk - from the markers' signatures, C and C++ that uses all of them.

BEGIN {
    print "#include \"pytrace_probes.h\"\n#include \"pytrace.h\"\n"
    print "void use_all(void);\nvoid use_all(void)\n{"
}

{
    name = toupper($0)
    sub(/\(.*/, "", name)
    gsub(/__/, "_", name)
    n = /\(\)$/ ? 0 : split($0, parts, ",")
    zeros = ""
    for (i = 1; i <= n; i++)
        zeros = zeros (i > 1 ? ", " : "") "0"
    print "    if (PYTRACE_" name "_ENABLED() && PYTRACE_" name "_NARGS == " n ")"
    print "        PYTRACE_" name "(" zeros ");"
}

END {
    print "}"
}
