# definition.awk - read the provider definition: the scanner, the parser, and
# what a definition may say. It fills marker[], arguments[], arg_name[],
# arg_type[], doc[], group_name[] and so on; the other files only read them.

# ---- errors ----------------------------------------------------------------

function fail(where, reason)
{
    print where ": " reason | "cat 1>&2"
    close("cat 1>&2")
    failed = 1
    exit 1
}

function fail_at(t, reason)
{
    fail(probes ":" token_line[t], reason)
}

# ---- the scanner: token[], token_line[], and the comment before each --------

function add_token(text, line)
{
    token[++tokens] = text
    token_line[tokens] = line
    token_comment[tokens] = comment
    comment = ""
}

function scan(    line, number, open, status, n)
{
    tokens = 0
    while ((status = (getline line < probes)) > 0) {
        number++
        sub(/\r$/, "", line)
        if (!open && line ~ /^[ \t]*#/)     # a #pragma says nothing to us
            continue
        while (line != "") {
            if (open) {
                n = index(line, "*/")
                comment = comment (n ? substr(line, 1, n - 1) : line) "\n"
                line = n ? substr(line, n + 2) : ""
                open = n ? 0 : open
            } else if (line ~ /^[ \t\f\v]/) {
                line = substr(line, 2)
            } else if (substr(line, 1, 2) == "/*") {
                open = number
                comment = ""
                line = substr(line, 3)
            } else if (substr(line, 1, 2) == "//") {
                line = ""
            } else if (match(line, /^[A-Za-z_0-9]+/)) {
                add_token(substr(line, 1, RLENGTH), number)
                line = substr(line, RLENGTH + 1)
            } else if (line ~ /^[{}(),;*]/) {
                add_token(substr(line, 1, 1), number)
                line = substr(line, 2)
            } else {
                fail(probes ":" number, "unexpected character '" \
                     substr(line, 1, 1) "'")
            }
        }
    }
    if (status < 0)
        fail(probes, "cannot be read")
    close(probes)
    if (open)
        fail(probes ":" open, "this comment does not end")
    add_token("", number ? number : 1)      # stands for the end of the file
}

# ---- the parser: provider, marker[] and its arguments -----------------------

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

function is_identifier(word)
{
    return word ~ /^[A-Za-z_][A-Za-z_0-9]*$/
}

function check_provider(name, where)
{
    if (!is_identifier(name))
        fail(where, "the provider's name '" name \
             "' must be a C identifier (letters, digits, '_')")
    if (length(name) > 32)
        fail(where, "the provider's name '" name \
             "' must not be longer than 32 characters")
    if (name ~ /__/)
        fail(where, "the provider's name '" name \
             "' must not contain '__', which tracers read as '-'")
    if (name ~ /[0-9]$/)
        fail(where, "the provider's name '" name \
             "' must not end in a digit, where DTrace puts the process id")
}

# A type's words and stars, up to the argument's name, a ',' or the ')'.
# Sets arg_type and arg_name; returns nothing.
function parse_argument(m, n,    words, stars, base, t, start)
{
    start = at
    words = ""
    arg_name[m, n] = ""
    while (token[at] ~ /^[A-Za-z_]/ &&
           (words ~ /^(const)?$/ || token[at] in type_word)) {
        words = words (words == "" ? "" : " ") token[at]
        at++
    }
    while (token[at] == "*" || (stars != "" && token[at] == "const")) {
        stars = stars (token[at] == "*" ? "*" : " const ")
        at++
    }
    sub(/ $/, "", stars)
    base = words
    gsub(/(^| )const( |$)/, " ", base)
    gsub(/^ +| +$/, "", base)
    if (base == "")
        fail_at(start, "expected an argument's type, found " shown(start))
    if (base ~ /^(float|double|long double)$/)
        fail_at(start, "a tracer cannot read '" base \
                "'; use an integer or a pointer")
    if (!(base in integer_type) && !(base == "void" && stars != ""))
        fail_at(start, "unknown type '" base "'; use C's integer types, " \
                "those of stdint.h, size_t, or a pointer to one or to void")
    if (token[at] ~ /^[A-Za-z_]/)
        arg_name[m, n] = token[at++]
    else
        arg_name[m, n] = "arg" n
    if (arg_name[m, n] in keyword)
        fail_at(at - 1, "an argument cannot be called '" arg_name[m, n] \
                "', a keyword of C or C++")
    for (t = 1; t < n; t++)
        if (arg_name[m, t] == arg_name[m, n])
            fail_at(at - 1, "two arguments are called '" arg_name[m, n] "'")
    if (base ~ /^u?int(8|16|32|64|ptr)_t$/)
        needs_stdint = 1
    if (base == "size_t")
        needs_stddef = 1
    arg_type[m, n] = words (stars == "" ? "" : " " stars)
    arg_base[m, n] = base
    arg_stars[m, n] = stars
}

# Whether macro is one of those that every marker has beside its own.
function shares_macro(macro, upper_name)
{
    return macro == upper_name "_ENABLED" || macro == upper_name "_NARGS"
}

function parse_probe(    m, n, t, name, start)
{
    start = at
    expect("probe", "the probes before it")
    m = ++markers
    name = token[at]
    if (!is_identifier(name))
        fail_at(at, "expected the probe's name after 'probe', found " shown(at))
    if (length(name) > 64)
        fail_at(at, "the probe's name '" name \
                "' must not be longer than 64 characters")
    if (name ~ /^_|_$|___/)
        fail_at(at, "the probe's name '" name "' must not begin or end in '_'" \
                " or contain three of them")
    marker[m] = name
    lower[m] = name
    gsub(/__/, "_", lower[m])
    upper[m] = toupper(lower[m])
    for (t = 1; t <= m; t++) {
        if (t < m && upper[t] == upper[m])
            fail_at(at, "the probes '" marker[t] "' and '" name \
                    "' would share the macro PYTRACE_" upper[m])
        if (shares_macro(upper[t], upper[m]) ||
            shares_macro(upper[m], upper[t]))
            fail_at(at, "the probe '" name "' would share a macro with the " \
                    "test or the number of arguments of '" \
                    (t < m ? marker[t] : name) "'")
    }
    if (lower[m] ~ /^(version|markers|find|h|probes_h|without_dtrace)$/)
        fail_at(at, "a probe cannot be called '" name \
                "', as pytrace_" lower[m] " or PYTRACE_" upper[m] \
                " is something else")
    at++
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
    expect(")", "the arguments of probe '" name "'")
    expect(";", "probe '" name "'")
    arguments[m] = n
    marker_line[m] = token_line[start]
    document(m, token_comment[start])
}

# Split a probe's comment into doc[m], arg_doc[m, n] and the group it names.
function document(m, text,    lines, n, i, j, s, current, group)
{
    doc[m] = ""
    current = 0
    n = split(text, lines, "\n")
    for (i = 1; i <= n; i++) {
        s = lines[i]
        gsub(/^[ \t]*\**[ \t]*|[ \t]+$/, "", s)
        if (s == "")
            continue
        if (s ~ /^@group[ \t]+[A-Za-z_][A-Za-z_0-9]*$/) {
            group = s
            sub(/^@group[ \t]+/, "", group)
            join_group(m, group)
            continue
        }
        if (s ~ /^@/)
            fail(probes ":" marker_line[m], "unknown '" s \
                 "' in the comment of probe '" marker[m] "'; use '@group NAME'")
        for (j = 1; j <= arguments[m]; j++)
            if (index(s, arg_name[m, j] ": ") == 1) {
                current = j
                s = substr(s, length(arg_name[m, j]) + 3)
                break
            }
        if (j > arguments[m] && s ~ /^[a-z_][a-z_0-9]*: /) {
            sub(/:.*/, "", s)
            fail(probes ":" marker_line[m], "the comment of probe '" \
                 marker[m] "' explains '" s "', which is not an argument of it")
        }
        if (current)
            arg_doc[m, current] = arg_doc[m, current] \
                (arg_doc[m, current] == "" ? "" : " ") s
        else
            doc[m] = doc[m] (doc[m] == "" ? "" : " ") s
    }
}

function join_group(m, name,    g)
{
    for (g = 1; g <= groups; g++)
        if (group_name[g] == name)
            break
    if (g > groups) {
        groups = g
        group_name[g] = name
    }
    if (++group_size[g] > 4)
        fail(probes ":" marker_line[m], "group '" name "' has more than four " \
             "probes, which no longer fit in one word")
    group_member[g, group_size[g]] = m
    in_group[m] = g
}

function parse(    g, m)
{
    scan()
    at = 1
    expect("provider", "the beginning")
    provider_line = token_line[at]
    own_provider = token[at++]
    check_provider(own_provider, probes ":" provider_line)
    expect("{", "the provider's name")
    while (token[at] == "probe")
        parse_probe()
    if (markers == 0)
        fail_at(at, "expected a probe, found " shown(at))
    expect("}", "the probes of provider '" own_provider "'")
    if (token[at] == ";")
        at++
    if (token[at] != "")
        fail_at(at, "expected the end of the file after the provider, found " \
                shown(at))
    for (g = 1; g <= groups; g++)
        for (m = 1; m <= markers; m++)
            if (upper[m] == toupper(group_name[g]) ||
                upper[m] == toupper(group_name[g]) "_ENABLED" ||
                upper[m] == toupper(group_name[g]) "_ENABLED_OR")
                fail(probes ":" marker_line[m], "the probe '" marker[m] \
                     "' and the group '" group_name[g] \
                     "' would share the macro PYTRACE_" \
                     toupper(group_name[g]) "_ENABLED" \
                     (upper[m] ~ /_ENABLED_OR$/ ? "_OR" : ""))
    if (provider == "")
        provider = own_provider
    else
        check_provider(provider, "--with-provider")
}

# ---- the types that arguments can have ----

# Types and their size in a note: bytes, negative where signed (LP64).
function know_types(    list, n, i, pair, word)
{
    n = split("char:-1 signed_char:-1 unsigned_char:1 " \
        "short:-2 short_int:-2 signed_short:-2 signed_short_int:-2 " \
        "unsigned_short:2 unsigned_short_int:2 " \
        "int:-4 signed:-4 signed_int:-4 unsigned:4 unsigned_int:4 " \
        "long:-8 long_int:-8 signed_long:-8 signed_long_int:-8 " \
        "unsigned_long:8 unsigned_long_int:8 " \
        "long_long:-8 long_long_int:-8 signed_long_long:-8 " \
        "signed_long_long_int:-8 " \
        "unsigned_long_long:8 unsigned_long_long_int:8", list, " ")
    for (i = 1; i <= n; i++) {
        split(list[i], pair, ":")
        gsub(/_/, " ", pair[1])
        integer_type[pair[1]] = pair[2]
    }
    n = split("int8_t:-1 uint8_t:1 int16_t:-2 uint16_t:2 int32_t:-4 " \
        "uint32_t:4 int64_t:-8 uint64_t:8 intptr_t:-8 uintptr_t:8 size_t:8",
        list, " ")
    for (i = 1; i <= n; i++) {
        split(list[i], pair, ":")
        integer_type[pair[1]] = pair[2]
    }
    n = split("const char short int long signed unsigned void", list, " ")
    for (i = 1; i <= n; i++)
        type_word[list[i]] = 1
    n = split("auto break case char const continue default do double else " \
        "enum extern float for goto if inline int long register restrict " \
        "return short signed sizeof static struct switch typedef union " \
        "unsigned void volatile while asm bool catch class delete explicit " \
        "export false friend mutable namespace new nullptr operator private " \
        "protected public template this throw true try typeid typename using " \
        "virtual", list, " ")
    for (i = 1; i <= n; i++)
        keyword[list[i]] = 1
}
