# tapset.awk - the markers in SystemTap's tapset: an alias for each.

# The first and the last part of a marker's name, as in function.entry.
function short_alias(m,    parts, n)
{
    n = split(marker[m], parts, "__")
    return parts[1] (n > 1 ? "." parts[n] : "")
}

# The same, or all parts where another marker has the same first and last.
function alias(m,    t, s)
{
    s = short_alias(m)
    for (t = 1; t <= markers; t++)
        if (t != m && short_alias(t) == short_alias(m)) {
            s = marker[m]
            gsub(/__/, ".", s)
        }
    return s
}

# An argument's name in SystemTap's language, which has keywords of its own.
function variable(m, n)
{
    return arg_name[m, n] (arg_name[m, n] ~ \
        /^(foreach|function|global|in|limit|next|probe|string)$/ ? "_" : "")
}

# Scripts for functions read frameptr, which not every definition has.
function lacks_frameptr(m,    n)
{
    for (n = 1; n <= arguments[m]; n++)
        if (arg_name[m, n] == "frameptr")
            return 0
    return marker[m] ~ /^function__(entry|return)$/
}

# Whether the tapset python.stp that SystemTap ships has an alias of the same
# name for the same binary; with both, each event would come twice.
function is_shipped(m)
{
    return provider == "python" && marker[m] ~ /^function__(entry|return)$/ &&
           binary ~ /^\/usr\/lib[^\/]*\/libpython[^\/]*\.so[^\/]*$/
}

function print_alias(m,    n, brief, rest)
{
    brief = rest = doc[m]
    sub(/[.;] .*|\.$/, "", brief)
    rest = substr(rest, length(brief) + 3)
    print "\n/**"
    wrapped("probe " provider "." alias(m) " - " brief, " * ", "")
    print " *"
    for (n = 1; n <= arguments[m]; n++)
        wrapped("@" variable(m, n) ": " arg_doc[m, n], " * ", "    ")
    if (lacks_frameptr(m))
        print " * @frameptr: 0, as these markers lack the frame's address"
    if (rest != "") {
        print " *"
        wrapped("Description: " toupper(substr(rest, 1, 1)) substr(rest, 2),
                " * ", "")
    }
    print " */"
    print "probe " provider "." alias(m) " ="
    print "    process(\"" binary "\").provider(\"" provider "\").mark(\"" \
          marker[m] "\")"
    print "{"
    for (n = 1; n <= arguments[m]; n++)
        print "    " variable(m, n) " = " \
              (is_string(m, n) ? "user_string($arg" n ", \"?\")" : "$arg" n)
    if (lacks_frameptr(m))
        print "    frameptr = 0"
    print "}"
}

# SystemTap's tapset: an alias for each marker.
function print_tapset(    m)
{
    if (provider == "python") {
        print "\n/*"
        wrapped("SystemTap ships a python.stp whose python.function.entry " \
                "and python.function.return stand for the libpython.so in " \
                "/usr/lib or /usr/lib64. Aliases of one name add up: a " \
                "script sees both. Where there is no such library, that one " \
                "is an error, unless the script says \"probe " \
                "python.function.entry ?\".", " * ", "")
        print " */"
    }
    for (m = 1; m <= markers; m++)
        if (is_shipped(m))
            print "\n/* " provider "." alias(m) \
                  ": SystemTap's own python.stp has it for this binary. */"
        else
            print_alias(m)
}
