# SPDX-License-Identifier: MIT
# c.awk - what the C templates' words stand for: the public header, the runtime
# and the table of pytrace.h.

# "const char *filename, int lineno"
function argument_list(m,    n, s)
{
    for (n = 1; n <= arguments[m]; n++)
        s = s (n > 1 ? ", " : "") declared(arg_type[m, n], arg_name[m, n])
    return s
}

# "filename, lineno", for a macro that also has the marker's name in its text:
# an argument of that name must have another one there.
function macro_parameters(m,    n, s, name)
{
    for (n = 1; n <= arguments[m]; n++) {
        name = arg_name[m, n]
        s = s (n > 1 ? ", " : "") (name == lower[m] || \
                                   (m in has_text && name == text_name(m)) ? \
                                   parameter(m, n) : name)
    }
    return s
}

# Marker m with a text beside it: what its functions are called, and the last
# parameter of these.
function text_name(m)
{
    return lower[m] "_text"
}

function with_text(list, text)
{
    return (list == "void" || list == "" ? "" : list ", ") text
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
    return "pytrace__arg_" arg_name[m, n]
}

function declared(type, name)
{
    return type (type ~ /\*$/ ? "" : " ") name
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

# Of a marker that is left out, the test is 0 and the call is of a function that
# does nothing.
function enabled(m)
{
    return m > markers ? "0" : "PYTRACE__ENABLED(" test(m) ")"
}

function call_of(m, name)
{
    return m > markers ? "pytrace_" name : "PYTRACE__CALL(" name ")"
}

function print_public_markers(    m, n, g, i, s)
{
    for (m = 1; m <= all_markers; m++) {
        print "/*"
        print " * " provider ":" marker[m] \
            (m > markers ? ", left out of this build" : "")
        print " *"
        wrapped(doc[m], " * ", "")
        for (n = 1; n <= arguments[m]; n++)
            wrapped(arg_name[m, n] \
                    (arg_doc[m, n] == "" ? "" : ": " arg_doc[m, n]),
                    " *     ", "    ")
        print " */"
        print "#define PYTRACE_" upper[m] "_NARGS " arguments[m]
        print "#define PYTRACE_" upper[m] "_ENABLED() \\"
        print "    " enabled(m)
        print "#define PYTRACE_" upper[m] "(" macro_parameters(m) ") \\"
        print "    PYTRACE__FIRE(PYTRACE_" upper[m] "_ENABLED(), \\"
        print "                  " call_of(m, lower[m]) "(" \
              macro_parameters(m) "))"
        print ""
        if (m in has_text)
            print_text_macros(m)
    }
    for (g = 1; g <= all_groups; g++) {
        if (group_name[g] in optional_name) {
            print "/*"
            print " * Whether the group " group_name[g] \
                  " is built in, for #if: 1 or 0."
            print " */"
            print "#define PYTRACE_HAS_" toupper(group_name[g]) " " \
                  (g > groups ? "0" : "PYTRACE__IS_BUILT")
            print ""
        }
        s = ""
        for (i = 1; i <= group_size[g]; i++)
            s = s (i == 1 ? "" : i < group_size[g] ? ", " : " or ") \
                marker[group_member[g, i]]
        print "/*"
        wrapped("True while a tracer is attached to any of " s \
                ": one test at the price of one guard.", " * ", "")
        print " */"
        print "#define PYTRACE_" toupper(group_name[g]) "_ENABLED() \\"
        print "    " (g > groups ? "0" : \
                      "PYTRACE__GROUP_ENABLED(" group_test(g) ")")
        print ""
        print "/*"
        wrapped("The same, or byte is not 0: for a loop that tests a byte of " \
                "its own anyway, each round. byte is an lvalue of type " \
                "unsigned char, which is read each time.", " * ", "")
        print " */"
        print "#define PYTRACE_" toupper(group_name[g]) "_ENABLED_OR(byte) \\"
        print "    " (g > groups ? "((byte) != 0)" : \
                      "PYTRACE__GROUP_ENABLED_OR(" group_test(g) ", byte)")
        print ""
    }
}

function print_text_macros(m,    parameters)
{
    parameters = macro_parameters(m)
    print "/*"
    wrapped("True while the recorder asks for " marker[m] ".", " * ", "")
    print " */"
    print "#define PYTRACE_" upper[m] "_RECORDED() \\"
    print "    " (m > markers ? "0" : "PYTRACE__IS_RECORDED(" test(m) ")")
    print ""
    print "/*"
    wrapped("The same marker, and a text that a recording has beside it, " \
            "such as what an argument points to. Other tracers see no " \
            "difference. The text is evaluated while the recorder asks for " \
            "the marker, and only then; it is a string like others.", " * ", "")
    print " */"
    print "#define PYTRACE_" upper[m] "_TEXT(" \
          with_text(parameters, "pytrace__text") ") \\"
    print "    PYTRACE__FIRE_EITHER(PYTRACE_" upper[m] "_ENABLED(), \\"
    print "                         PYTRACE_" upper[m] "_RECORDED(), \\"
    print "                         " call_of(m, text_name(m)) "( \\"
    print "                             " \
          with_text(parameters, "pytrace__text") "), \\"
    print "                         " call_of(m, lower[m]) "( \\"
    print "                             " parameters "))"
    print ""
}

# A symbol of the runtime. The provider's name keeps two hosts in one program
# apart; as it has no "__", no two providers share a symbol.
function symbol(name)
{
    return "pytrace__" provider "__" name
}

function provider_macro(m)
{
    return toupper(provider) "_" upper[m]
}

# What places a probe: the macro in dtrace's header, or, in the bundle, which
# has no such header, the macro of sys/sdt.h that stands behind it.
function probe_macro(m)
{
    return bundled ? "STAP_PROBE" (arguments[m] ? arguments[m] : "") : \
        provider_macro(m)
}

# sys/sdt.h expands macros in the names of provider and probe. GNU C has some,
# such as "linux"; a source before this one in the same translation unit may
# have others. So they are put aside.
function print_names_aside(    m)
{
    print_name_aside(provider)
    for (m = 1; m <= markers; m++)
        print_name_aside(marker[m])
}

function print_name_aside(name)
{
    print "#pragma push_macro(\"" name "\")"
    print "#undef " name
}

function print_names_back(    m)
{
    print "#pragma pop_macro(\"" provider "\")"
    for (m = 1; m <= markers; m++)
        print "#pragma pop_macro(\"" marker[m] "\")"
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
    for (m = 1; m <= markers; m++) {
        wrapped_code("void " symbol(lower[m]) "(", parameter_list(m, 0),
                     ") PYTRACE__COLD;")
        if (m in has_text)
            wrapped_code("void " symbol(text_name(m)) "(",
                         with_text(parameter_list(m, 0), "const char *"),
                         ") PYTRACE__COLD;")
    }
}

# What a source file calls: functions of its own, which exist where it calls
# them, and then leave a record of that (see PYTRACE__RECORD).
function print_calling_functions(    m)
{
    for (m = 1; m <= markers; m++) {
        print_calling_function(m, lower[m], parameter_list(m, 1),
                               argument_values(m))
        if (m in has_text)
            print_calling_function(m, text_name(m),
                with_text(parameter_list(m, 1), "const char *pytrace__text"),
                with_text(argument_values(m), "pytrace__text"))
    }
}

function print_calling_function(m, name, parameters, values)
{
    print_calling(m, "pytrace__fire_" name, "PYTRACE__FIRES", name, parameters,
                  values)
    print_calling(m, "pytrace_" name, "PYTRACE__CALLS", name, parameters,
                  values)
}

function print_calling(m, name, record, called, parameters, values)
{
    print "PYTRACE__CALLING void"
    wrapped_code(name "(", parameters, ")")
    print "{"
    print "    PYTRACE__RECORD(" record ", \"" marker[m] "\");"
    wrapped_code("    " symbol(called) "(", values, ");")
    print "}"
    print ""
}

function argument_values(m,    n, s)
{
    for (n = 1; n <= arguments[m]; n++)
        s = s (n > 1 ? ", " : "") parameter(m, n)
    return s
}

# Without markers: in the header inline functions of the public names, in the
# runtime what other languages link with.
function print_empty_functions(in_runtime, first, last,    m)
{
    for (m = first; m <= last; m++) {
        print_empty_function(in_runtime, m, lower[m], 0)
        if (m in has_text)
            print_empty_function(in_runtime, m, text_name(m), 1)
    }
}

function print_empty_function(in_runtime, m, name, text,    n, list)
{
    list = parameter_list(m, 1)
    if (text)
        list = with_text(list, "const char *pytrace__text")
    print (in_runtime ? "PYTRACE__HIDDEN " : "static inline ") "void"
    wrapped_code((in_runtime ? symbol(name) : "pytrace_" name) "(", list, ")")
    print "{"
    for (n = 1; n <= arguments[m]; n++)
        print "    (void)" parameter(m, n) ";"
    if (text)
        print "    (void)pytrace__text;"
    print "}"
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
        wrapped_code("pytrace__probe_" lower[m] "(", parameter_list(m, 1), ")")
        print "{"
        plain = prepared = ""
        for (n = 1; n <= arguments[m]; n++) {
            print "    PYTRACE__IN_REGISTER(" parameter(m, n) ");"
            plain = plain (n > 1 ? ", " : "") parameter(m, n)
            prepared = prepared (n > 1 ? ", " : "") prepared_argument(m, n)
        }
        if (bundled)
            plain = provider ", " marker[m] (plain == "" ? "" : ", ") plain
        wrapped_code("    " probe_macro(m) "(", plain, ");")
        print "}"
        print ""
        print_marker_function(m, lower[m], prepared, 0)
        if (m in has_text)
            print_marker_function(m, text_name(m), prepared, 1)
    }
}

# text is 1 where a text goes with it.
function print_marker_function(m, name, prepared, text,    list)
{
    list = parameter_list(m, 1)
    if (text)
        list = with_text(list, "const char *pytrace__text")
    wrapped_code("void " symbol(name) "(", list, ")")
    print "{"
    print "    unsigned short tracers = PYTRACE__TRACERS(" semaphore(m) ");"
    print ""
    if (text) # (Without a recorder, nothing else uses it.)
        print "    (void)pytrace__text;"
    print "    if (tracers != PYTRACE__RECORDED)"
    wrapped_code("        pytrace__probe_" lower[m] "(", prepared, ");")
    print_recording(m, text)
    print "}"
    print ""
}

# The event for the recorder: the arguments, up to three of them in registers. A
# text is one more string behind them.
function print_recording(m, text,    n, id, values, head, count)
{
    id = m - 1
    count = arguments[m] + text
    for (n = 1; n <= count || n <= 3; n++) {
        if (n <= count)
            id = id " | " (n > arguments[m] ? "PYTRACE__IS_STRING" : \
                           recorded_shape(m, n)) " << " 14 + 2 * n
        values = values (n > 1 ? ", " : "") \
            (n > count ? "0" : n > arguments[m] ? \
             "(uint64_t)(uintptr_t)pytrace__text" : "(uint64_t)" \
             (arg_stars[m, n] == "" ? "" : "(uintptr_t)") parameter(m, n))
    }
    print "#ifdef PYTRACE__RECORDER"
    print "    if (tracers & PYTRACE__RECORDED) {"
    if (count > 3) {
        wrapped_code("        const uint64_t values[] = {", values, "};")
        print ""
        values = "values"
    }
    head = "        PYTRACE__RECORD_" (count > 3 ? "ALL" : "3") "("
    print head id ","
    wrapped_code(sprintf("%" length(head) "s", ""), values, ");")
    print "    }"
    print "#endif"
}

function recorded_shape(m, n,    s)
{
    s = shape(m, n)
    if (s == "s")
        return "PYTRACE__IS_STRING"
    if (s ~ /[pw]$/)
        return "PYTRACE__POINTER_WORDS"
    return s ~ /8$/ ? "PYTRACE__TWO_WORDS" : "PYTRACE__ONE_WORD"
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
        "pytrace__readable(" parameter(m, n) ")"
}

function arguments_symbol(m)
{
    return "pytrace__arguments_of_" lower[m]
}

function print_table(    m, n)
{
    for (m = 1; m <= markers; m++)
        if (arguments[m]) {
            print "static const struct pytrace_argument " \
                  arguments_symbol(m) "[] = {"
            for (n = 1; n <= arguments[m]; n++)
                print "    {\"" arg_type[m, n] "\", \"" arg_name[m, n] "\"},"
            print "};"
        }
    print ""
    print "static const struct pytrace_marker pytrace__table[] = {"
    for (m = 1; m <= markers; m++) {
        print "    {\"" provider "\", \"" marker[m] "\","
        print "     " (arguments[m] ? arguments_symbol(m) : "NULL") ", " \
              arguments[m] ", " (real ? "NULL" : "&" semaphore(m)) "},"
    }
    print "};"
}

# What .note.pytrace says of an argument, for programs: "s" for a string, "p"
# for another pointer, "c" for a plain char, whose sign the processor decides;
# else its bytes, "w" for those of a pointer, negative where it is signed.
function shape(m, n,    b, bytes)
{
    b = arg_base[m, n]
    if (is_string(m, n))
        return "s"
    if (arg_stars[m, n] != "")
        return "p"
    if (b == "char")
        return "c"
    bytes = integer_type[b]
    if (b in pointer_sized)
        return (bytes < 0 ? "-" : "") "w"
    return bytes
}

function print_note(    m, n, s)
{
    print "    \".4byte " markers "\\n\""
    print "    PYTRACE__CONTROL_WORD"
    for (m = 1; m <= markers; m++)
        print "    PYTRACE__WORD(" (real ? "0" : semaphore(m) " - .") ")"
    print_note_string(version)
    print_note_string(provider)
    for (m = 1; m <= markers; m++) {
        print_note_string(marker[m])
        s = ""
        for (n = 1; n <= arguments[m]; n++)
            s = s (n > 1 ? " " : "") shape(m, n)
        print_note_string(s)
        print_note_string(argument_list(m))
        print_note_string(m in in_group ? group_name[in_group[m]] : "")
    }
}

function print_note_string(s)
{
    print "    \".asciz \\\"" s "\\\"\\n\""
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
