# generate.awk - read a provider definition (probes.d) and fill templates from
# it. POSIX awk; the only program that knows the markers.
#
#   awk -f generate.awk -v probes=FILE.d [-v provider=NAME] [-v version=X.Y.Z]
#       [-v without=1] [-v real=1] [-v nop=INSTRUCTIONS] [-v binary=NAME]
#       [TEMPLATE]
#
# A template is copied to the standard output. In its lines @PROVIDER@,
# @VERSION@ and @NUMBER_OF_MARKERS@ are replaced; a line that is only one of
# the words in expand_line() below is replaced by what that word stands for.
# Without a template the definition is only checked. An error is one line,
# FILE:LINE: reason, and exit status 1. With real=1, the guards call
# the checks of a real DTrace, and there are no semaphores. With nop=nop5 and
# the like, the probe is that instruction (see print_probe_nop).

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

# ---- what the templates' words stand for ------------------------------------

# "const char *filename, int lineno"; with types = 0 only "filename, lineno".
function argument_list(m, types,    n, s)
{
    for (n = 1; n <= arguments[m]; n++)
        s = s (n > 1 ? ", " : "") \
            (types ? declared(arg_type[m, n], arg_name[m, n]) : arg_name[m, n])
    return s
}

# The same for C's functions, in which an argument has a prefix, as its own name
# may be a macro in the host or a function here. A const of the parameter
# itself, which is none of the type, is left out.
function parameter_list(m, names,    n, s, type)
{
    for (n = 1; n <= arguments[m]; n++) {
        type = arg_type[m, n]
        if (arg_stars[m, n] == "")
            sub(/^const | const$/, "", type)
        else
            sub(/ const$/, "", type)
        s = s (n > 1 ? ", " : "") \
            (names ? declared(type, parameter(m, n)) : type)
    }
    return arguments[m] ? s : "void"
}

function parameter(m, n)
{
    return "pytrace__" arg_name[m, n]
}

function declared(type, name)
{
    return type (type ~ /\*$/ ? "" : " ") name
}

# Print text as comment lines of at most 80 columns, behind prefix.
function wrapped(text, prefix, hanging,    words, n, i, line, width)
{
    width = 79 - length(prefix)
    n = split(text, words, " ")
    for (i = 1; i <= n; i++) {
        if (line != "" && length(line) + 1 + length(words[i]) > width) {
            print prefix line
            line = hanging words[i]
        } else {
            line = line (line == "" ? "" : " ") words[i]
        }
    }
    if (line != "")
        print prefix line
}

# Print a C declaration, broken after its commas where it is too long.
function wrapped_code(head, text, tail,    parts, n, i, line, indent)
{
    line = head
    indent = sprintf("%" length(head) "s", "")
    n = split(text, parts, /, /)
    for (i = 1; i <= n; i++) {
        parts[i] = parts[i] (i < n ? "," : tail)
        if (line != head && line != indent &&
            length(line) + 1 + length(parts[i]) > 78) {
            print line
            line = indent parts[i]
        } else {
            line = line (i > 1 && line != indent ? " " : "") parts[i]
        }
    }
    print n == 0 ? line tail : line
}

function print_public_markers(    m, n, g, i, s)
{
    for (m = 1; m <= markers; m++) {
        print "/*"
        print " * " provider ":" marker[m]
        print " *"
        wrapped(doc[m], " * ", "")
        for (n = 1; n <= arguments[m]; n++)
            wrapped(arg_name[m, n] \
                    (arg_doc[m, n] == "" ? "" : ": " arg_doc[m, n]),
                    " *     ", "    ")
        print " */"
        print "#define PYTRACE_" upper[m] "_NARGS " arguments[m]
        print "#define PYTRACE_" upper[m] "_ENABLED() \\"
        print "    PYTRACE__ENABLED(" test(m) ")"
        print "#define PYTRACE_" upper[m] "(" argument_list(m, 0) ") \\"
        print "    PYTRACE__FIRE(PYTRACE_" upper[m] "_ENABLED(), \\"
        print "                  pytrace_" lower[m] "(" argument_list(m, 0) "))"
        print ""
    }
    for (g = 1; g <= groups; g++) {
        s = ""
        for (i = 1; i <= group_size[g]; i++)
            s = s (i == 1 ? "" : i < group_size[g] ? ", " : " or ") \
                marker[group_member[g, i]]
        print "/*"
        wrapped("True while a tracer is attached to any of " s \
                ": one test at the price of one guard.", " * ", "")
        print " */"
        print "#define PYTRACE_" toupper(group_name[g]) "_ENABLED() \\"
        print "    PYTRACE__GROUP_ENABLED(" group_test(g) ")"
        print ""
        print "/*"
        wrapped("The same, or byte is not 0: for a loop that tests a byte of " \
                "its own anyway, each round. byte is an lvalue of type " \
                "unsigned char, which is read each time.", " * ", "")
        print " */"
        print "#define PYTRACE_" toupper(group_name[g]) "_ENABLED_OR(byte) \\"
        print "    PYTRACE__GROUP_ENABLED_OR(" group_test(g) ", byte)"
        print ""
    }
}

# What stands under a marker's guard: its semaphore, or, over a real DTrace, a
# function of the runtime that has the check of that DTrace's header.
function test(m)
{
    return real ? test_function(lower[m]) "()" : semaphore(m)
}

function group_test(g)
{
    return real ? test_function(group_name[g]) "()" : group_symbol(g)
}

function test_function(name)
{
    return "pytrace__" name "_enabled"
}

function provider_macro(m)
{
    return toupper(provider) "_" upper[m]
}

function semaphore(m)
{
    return provider "_" marker[m] "_semaphore"
}

function group_symbol(g)
{
    return provider "__" group_name[g] "_group"
}

function print_prototypes(    m)
{
    for (m = 1; m <= markers; m++)
        wrapped_code("void pytrace_" lower[m] "(", parameter_list(m, 0),
                     ") PYTRACE__COLD;")
}

# In one function each: a DTrace (Oracle's 2.0.7) refuses programs that have a
# marker's check twice in one function, which the compiler can cause by itself.
function print_test_functions(bodies,    m, g, i, s)
{
    for (m = 1; m <= markers; m++)
        print_test_function(bodies, lower[m], provider_macro(m) "_ENABLED()")
    for (g = 1; g <= groups; g++) {
        s = ""
        for (i = 1; i <= group_size[g]; i++)
            s = s (i > 1 ? " ||\n           " : "") test(group_member[g, i])
        print_test_function(bodies, group_name[g], s)
    }
}

function print_test_function(bodies, name, expression)
{
    if (!bodies) {
        print "int " test_function(name) "(void) PYTRACE__HIDDEN;"
        return
    }
    print "PYTRACE__PROBE_SITE int " test_function(name) "(void)"
    print "{"
    print "    return " expression " ? 1 : 0;"
    print "}"
    print ""
}

function print_empty_functions(    m, n, s)
{
    for (m = 1; m <= markers; m++) {
        print "PYTRACE__EMPTY void"
        wrapped_code("pytrace_" lower[m] "(", parameter_list(m, 1), ")")
        print "{"
        for (n = 1; n <= arguments[m]; n++)
            print "    (void)" parameter(m, n) ";"
        print "}"
    }
}

function print_semaphore_declarations(    m, g)
{
    for (m = 1; m <= markers; m++)
        print "extern unsigned short " semaphore(m) " PYTRACE__HIDDEN;"
    for (g = 1; g <= groups; g++)
        print "extern unsigned long long " group_symbol(g) " PYTRACE__HIDDEN;"
}

# The semaphores, in assembly, because only there their order is certain.
# A group fills an aligned word of eight bytes; what it leaves is zero.
function print_semaphore_definitions(    m, g, i)
{
    for (g = 1; g <= groups; g++) {
        print "    PYTRACE__GROUP(" group_symbol(g) ")"
        for (i = 1; i <= group_size[g]; i++)
            print "    PYTRACE__SEMAPHORE(" semaphore(group_member[g, i]) ")"
        for (; i <= 4; i++)
            print "    PYTRACE__PADDING"
    }
    for (m = 1; m <= markers; m++)
        if (!(m in in_group))
            print "    PYTRACE__SEMAPHORE(" semaphore(m) ")"
}

function print_marker_functions(    m, n, plain, prepared)
{
    for (m = 1; m <= markers; m++) {
        print "static PYTRACE__PROBE_SITE void"
        wrapped_code("probe_" lower[m] "(", parameter_list(m, 1), ")")
        print "{"
        plain = prepared = ""
        for (n = 1; n <= arguments[m]; n++) {
            print "    PYTRACE__IN_REGISTER(" parameter(m, n) ");"
            plain = plain (n > 1 ? ", " : "") parameter(m, n)
            prepared = prepared (n > 1 ? ", " : "") prepared_argument(m, n)
        }
        wrapped_code("    " provider_macro(m) "(", plain, ");")
        print "}"
        print ""
        wrapped_code("void pytrace_" lower[m] "(", parameter_list(m, 1), ")")
        print "{"
        wrapped_code("    probe_" lower[m] "(", prepared, ");")
        print "}"
        print ""
    }
}

function is_string(m, n)
{
    return arg_base[m, n] == "char" && arg_stars[m, n] ~ /^\*( const)?$/
}

# A string is made readable for the tracer; its pointer may be to non-const.
function prepared_argument(m, n)
{
    if (!is_string(m, n))
        return parameter(m, n)
    return (arg_type[m, n] ~ /^const|^char const/ ? "" : "(char *)") \
        "readable(" parameter(m, n) ")"
}

function print_table(    m, n)
{
    for (m = 1; m <= markers; m++)
        if (arguments[m]) {
            print "static const struct pytrace_argument arguments_of_" \
                  lower[m] "[] = {"
            for (n = 1; n <= arguments[m]; n++)
                print "    {\"" arg_type[m, n] "\", \"" arg_name[m, n] "\"},"
            print "};"
        }
    print ""
    print "static const struct pytrace_marker markers[] = {"
    for (m = 1; m <= markers; m++) {
        print "    {\"" provider "\", \"" marker[m] "\","
        print "     " (arguments[m] ? "arguments_of_" lower[m] : "NULL") ", " \
              arguments[m] ", " (real ? "NULL" : "&" semaphore(m)) "},"
    }
    print "};"
}

# For the bundle: what dtrace -h would write, over sys/sdt.h.
function print_provider_macros(    m)
{
    for (m = 1; m <= markers; m++) {
        print "#define " provider_macro(m) "(" \
              argument_list(m, 0) ") \\"
        print "    STAP_PROBE" (arguments[m] ? arguments[m] : "") "(" provider \
              ", " marker[m] (arguments[m] ? ", " : "") argument_list(m, 0) ")"
    }
}

# The probe's instructions, on x86-64, where they are not sys/sdt.h's own nop.
# As bytes, since a comma would end the argument of its macro. The forms of
# many bytes are those that kernels know; "+" is one after the other.
function print_probe_nop(    bytes, list, n, i)
{
    bytes["nop"] = "90"
    bytes["nop5"] = "0f 1f 44 00 00"
    bytes["nop10"] = "66 2e 0f 1f 84 00 00 00 00 00"
    if (nop == "" || nop == "nop")
        return
    print "/* As configured: --with-probe-nop=" nop " */"
    print "#ifdef __x86_64__"
    print "#undef _SDT_NOP"
    printf "#define _SDT_NOP"
    n = split(nop, list, "+")
    for (i = 1; i <= n; i++) {
        if (!(list[i] in bytes))
            fail("nop=" nop, "unknown instruction '" list[i] "'")
        gsub(/[0-9a-f][0-9a-f]/, "0x&", bytes[list[i]])
        gsub(/ /, "; .byte ", bytes[list[i]])
        printf "%s \\\n    .byte %s", (i > 1 ? ";" : ""), bytes[list[i]]
    }
    print "\n#endif"
}

# The definition again, in the plainest form, for dtrace and for installing.
function print_definition(    m, n, g)
{
    print "provider " provider " {"
    for (m = 1; m <= markers; m++) {
        print (m > 1 ? "\n" : "") "    /*"
        wrapped(doc[m], "     * ", "")
        for (n = 1; n <= arguments[m]; n++)
            if (arg_doc[m, n] != "") {
                if (n == 1)
                    print "     *"
                wrapped(arg_name[m, n] ": " arg_doc[m, n], "     * ", "")
            }
        if (m in in_group)
            print "     *\n     * @group " group_name[in_group[m]]
        print "     */"
        print "    probe " marker[m] "(" argument_list(m, 1) ");"
    }
    print "};"
}

# One line a marker: name(type name, ...).
function print_signatures(    m)
{
    for (m = 1; m <= markers; m++)
        print marker[m] "(" argument_list(m, 1) ")"
}

# One line an argument as a note describes it: marker, number, bytes; bytes
# negative where the argument is signed. LP64; "p" stands for a pointer's size.
function print_note_arguments(    m, n, b)
{
    for (m = 1; m <= markers; m++)
        for (n = 1; n <= arguments[m]; n++) {
            b = arg_base[m, n]
            print marker[m], n, (arg_stars[m, n] != "" ? 8 : integer_type[b])
        }
}

# What pytrace-check expects of each argument: its bytes, 0 where they are as
# many as a pointer has; whether it is signed, and whether either will do.
function check_argument(m, n,    b, bytes)
{
    b = arg_base[m, n]
    if (arg_stars[m, n] != "")
        return "{0, false, false}"
    bytes = integer_type[b]
    if (b ~ /^(intptr_t|uintptr_t|size_t)$/ || (b ~ /long/ && b !~ /long long/))
        return "{0, " (bytes < 0 ? "true" : "false") ", false}"
    return "{" (bytes < 0 ? -bytes : bytes) ", " \
        (bytes < 0 ? "true" : "false") ", " (b == "char" ? "true" : "false") "}"
}

function print_check_table(    m, n)
{
    print "static const struct expected_marker markers[] = {"
    for (m = 1; m <= markers; m++) {
        print "    {\"" marker[m] "\", " arguments[m] ", {"
        for (n = 1; n <= arguments[m]; n++)
            print "        " check_argument(m, n) ","
        print (arguments[m] ? "    }}," : "        {0, false, false}}},")
    }
    print "};"
}

function print_man(    m, n)
{
    for (m = 1; m <= markers; m++) {
        print ".TP"
        print ".BI \"" marker[m] "(\" \"" argument_list(m, 1) "\" )"
        print doc[m]
        for (n = 1; n <= arguments[m]; n++) {
            if (arg_doc[m, n] == "")
                continue
            print ".br"
            print ".I " arg_name[m, n]
            print "is " arg_doc[m, n] "."
        }
    }
}

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

function expand_line(word)
{
    if (word == "@PUBLIC_MARKERS@")
        print_public_markers()
    else if (word == "@PROTOTYPES@")
        print_prototypes()
    else if (word == "@TEST_PROTOTYPES@") {
        if (real)
            print_test_functions(0)
    } else if (word == "@TEST_FUNCTIONS@") {
        if (real)
            print_test_functions(1)
    } else if (word == "@EMPTY_FUNCTIONS@")
        print_empty_functions()
    else if (word == "@SEMAPHORE_DECLARATIONS@")
        print_semaphore_declarations()
    else if (word == "@SEMAPHORE_DEFINITIONS@")
        print_semaphore_definitions()
    else if (word == "@PROBE_NOP@")
        print_probe_nop()
    else if (word == "@MARKER_FUNCTIONS@")
        print_marker_functions()
    else if (word == "@TABLE@")
        print_table()
    else if (word == "@PROVIDER_MACROS@")
        print_provider_macros()
    else if (word == "@DEFINITION@")
        print_definition()
    else if (word == "@SIGNATURES@")
        print_signatures()
    else if (word == "@NOTE_ARGUMENTS@")
        print_note_arguments()
    else if (word == "@CHECK_TABLE@")
        print_check_table()
    else if (word == "@MAN@")
        print_man()
    else if (word == "@TAPSET@")
        print_tapset()
    else if (word == "@INCLUDES@") {
        if (needs_stddef)
            print "#include <stddef.h>"
        if (needs_stdint)
            print "#include <stdint.h>"
    } else if (word == "@WITHOUT_DTRACE@") {
        if (without) {
            print "#ifndef PYTRACE_WITHOUT_DTRACE"
            print "#define PYTRACE_WITHOUT_DTRACE 1 /* as configured */"
            print "#endif"
        }
    } else if (word == "@REAL_DTRACE@") {
        if (real) {
            print "#ifndef PYTRACE_WITHOUT_DTRACE"
            print "#define PYTRACE__REAL_DTRACE 1 /* as configured */"
            print "#endif"
        }
    } else
        return 0
    return 1
}

# ---- the program ------------------------------------------------------------

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

BEGIN {
    know_types()
    parse()
    if (ARGC < 2)
        exit 0
}

/^@[A-Z_]+@$/ && expand_line($0) {
    next
}

{
    gsub(/@PROVIDER@/, provider)
    gsub(/@VERSION@/, version)
    gsub(/@NUMBER_OF_MARKERS@/, markers)
    if (match($0, /@[A-Z_]+@/))
        fail(FILENAME ":" FNR, "unknown word " substr($0, RSTART, RLENGTH))
    print
}

END {
    if (failed)
        exit 1
}
