# SPDX-License-Identifier: MIT
# tapset.awk - the markers in SystemTap's tapset: an alias for each.

# The parts of a marker's name, as SystemTap can have them between dots: a part
# does not begin with a digit.
function alias_parts(m, parts,    list, n, i, k)
{
    n = split(marker[m], list, "__")
    for (i = 1; i <= n; i++)
        if (i > 1 && list[i] ~ /^[0-9]/)
            parts[k] = parts[k] "__" list[i]
        else
            parts[++k] = list[i]
    return k
}

# The first and the last part of a marker's name, as in function.entry.
function short_alias(m,    parts, n)
{
    n = alias_parts(m, parts)
    return parts[1] (n > 1 ? "." parts[n] : "")
}

# The same, or all parts where another marker has the same first and last.
function alias(m,    t, s, parts, n, i)
{
    s = short_alias(m)
    for (t = 1; t <= markers; t++)
        if (t != m && short_alias(t) == s)
            break
    if (t > markers)
        return s
    n = alias_parts(m, parts)
    s = parts[1]
    for (i = 2; i <= n; i++)
        s = s "." parts[i]
    return s
}

# An argument's name in SystemTap's language, which has keywords and functions
# of its own, and variables that all scripts share, such as the array argv: with
# a '_' behind it, or as many as make it another name.
function variable(m, n,    name, t)
{
    name = arg_name[m, n]
    if (name !~ /^(foreach|function|global|in|limit|next|probe|string)$/ &&
        name !~ /^s?print(f|ln|d|dln)?$|^print_char$/ &&
        name !~ /^(argc|argv|argv_[0-9]+|NULL|BIO_(READ|WRITE))$/ &&
        name !~ /^(FAULT_FLAG_WRITE|VM_FAULT_[A-Z]+)$/)
        return name
    do {
        name = name "_"
        for (t = 1; t <= arguments[m]; t++)
            if (arg_name[m, t] == name)
                break
    } while (t <= arguments[m])
    return name
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
    brief = rest = doc[m] == "" ? "the marker " marker[m] : doc[m]
    sub(/[.;] .*|\.$/, "", brief)
    rest = substr(rest, length(brief) + 3)
    print "\n/**"
    wrapped("probe " provider "." alias(m) " - " brief, " * ", "")
    if (arguments[m] || lacks_frameptr(m))
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
