# text.awk - the definition as text: again as a definition, as a list of
# signatures, and folded into lines.

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
