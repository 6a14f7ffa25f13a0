# SPDX-License-Identifier: MIT
# definition.awk - the parser: read the provider definition and fill marker[],
# arguments[], arg_name[], arg_type[], doc[], group_name[] and so on; the other
# files only read them.

function shown(t)
{
    return token[t] == "" ? "the end of the file" : "'" token[t] "'"
}

function expect(text, after)
{
    if (token[at] != text)
        fail_at(at, "expected '" text "' after " after ", found " shown(at))
    at++
}

# A type's words and stars, up to the argument's name, a ',' or the ')'.
function parse_argument(m, n,    start, name, t)
{
    start = at
    parse_type()
    name = "arg" n
    if (token[at] ~ /^[A-Za-z_]/) {
        name = token[at]
        check_argument_name(name, at++)
        named[m, n] = 1
    }
    if (token[at] == "[") {                 # what C makes of it, too
        add_stars("*")
        at += token[at + 1] == "]" ? 1 : 2
        expect("]", "the number of elements")
        if (token[at] == "[")
            fail_at(at, "an argument cannot be an array of arrays; use " \
                    "'void *'")
    }
    if (token[at] == "(")
        fail_at(at, "an argument cannot be a function; use 'void *'")
    check_type(start)
    for (t = 1; t < n; t++)
        if (arg_name[m, t] == name)
            fail_at(at - 1, "two arguments are called '" name "'")
    arg_name[m, n] = name
    arg_base[m, n] = type_base
    arg_stars[m, n] = type_stars
    arg_type[m, n] = type_const type_base (type_stars == "" ? "" : " ") \
        type_stars
    argument_first[m, n] = start
    argument_last[m, n] = at - 1
}

function parse_probe(    m, n, name)
{
    m = ++markers
    probe_first[m] = at++
    name = token[at]
    check_probe_name(at)
    marker[m] = name
    lower[m] = name
    gsub(/__/, "_", lower[m])
    upper[m] = toupper(lower[m])
    claim_probe(name, upper[m], token_line[at])
    check_provider_macro(toupper(provider) "_" upper[m], at)
    at++
    probe_open[m] = at
    expect("(", "the name of probe '" name "'")
    n = 0
    if (token[at] == "void" && token[at + 1] == ")")
        at++
    if (token[at] != ")") {
        do {
            parse_argument(m, ++n)
            if (n > 6)
                fail_at(at, "probe '" name "' has more than six arguments, " \
                        "which no longer fit in registers")
        } while (token[at] == "," && at++)
    }
    probe_close[m] = at
    expect(")", "the arguments of probe '" name "'")
    if (token[at] == ":")
        fail_at(at, "leave ':' and what follows it out of probe '" name \
                "': what translators would make of its arguments is not " \
                "known here")
    probe_last[m] = at
    expect(";", "probe '" name "'")
    arguments[m] = n
}

# What D has beside providers.
function parse_beginning()
{
    if (token[at] == "typedef")
        fail_at(at, "a 'typedef' is not known here; write its type, or " \
                "'void *' for a pointer, where its name is used")
    if (token[at] ~ /^(struct|union|enum|translator|inline|import)$/)
        fail_at(at, "'" token[at] "' is not known here; leave it out: a " \
                "definition has a provider and its probes only")
    expect("provider", "the beginning")
}

function parse(    own_provider, line)
{
    scan()
    at = 1
    parse_beginning()
    own_provider = token[at]
    line = token_line[at]
    check_provider(own_provider, probes ":" line)
    if (provider == "")
        provider = own_provider
    else
        check_provider(provider, "--with-provider")
    at++
    expect("{", "the provider's name")
    while (token[at] == "probe")
        parse_probe()
    if (markers == 0 || token[at] != "}")
        fail_at(at, "expected " (markers ? "'}' after the probes of " \
                "provider '" own_provider "'" : "a probe") ", found " shown(at))
    at++
    if (token[at] == ";")
        at++
    if (token[at] == "provider")
        fail_at(at, "a definition has one provider; write a file of its own " \
                "for '" token[at + 1] "'")
    if (token[at] != "")
        fail_at(at, "expected the end of the file after the provider, found " \
                shown(at))
    document()
}
