# SPDX-License-Identifier: MIT
# text.awk - the definition as text: again as a definition, as a list of
# signatures, and folded into lines.

# Print text as comment lines of at most 80 columns, behind prefix.
function wrapped(text, prefix, hanging,    words, n)
{
    n = split(text, words, " ")
    wrapped_words(words, n, prefix, hanging)
}

function wrapped_words(words, n, prefix, hanging,    i, line, width)
{
    width = 79 - length(prefix)
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

# The same in the definition. A word that would mean something at the beginning
# of a line, such as "@group", or be no text alone, such as "---", stays with
# its neighbours.
function wrapped_as_read(text,    list, words, n, i, k)
{
    n = split(text, list, " ")
    for (i = 1; i <= n; i++)
        if (i > 1 && (list[i] ~ /^[@\\]|^[A-Za-z_][A-Za-z_0-9]*:$/ ||
                      list[i] ~ /^[-=*#~_+]+$/ || list[i - 1] ~ /^[-=*#~_+]+$/))
            words[k] = words[k] " " list[i]
        else
            words[++k] = list[i]
    wrapped_words(words, k, "     * ", "")
}

# The definition again, in the plainest form, for dtrace and for installing:
# what it says is the same when it is read again, with the same optional groups.
function print_definition(    m)
{
    print "provider " provider " {"
    for (m = 1; m <= all_markers; m++) {
        if (m > 1)
            print ""
        print_comment(m)
        print "    probe " marker[m] "(" argument_list(m) ");"
    }
    print "};"
}

function print_comment(m,    n, paragraphs, explains)
{
    if (doc[m] != "") {
        paragraph(paragraphs++)
        wrapped_as_read(doc[m])
    }
    for (n = 1; n <= arguments[m]; n++)
        if (arg_doc[m, n] != "") {
            if (!explains++)
                paragraph(paragraphs++)
            wrapped_as_read(arg_name[m, n] ": " arg_doc[m, n])
        }
    if (m in in_group) {
        paragraph(paragraphs++)
        print "     * @group " group_name[in_group[m]]
        if (group_name[in_group[m]] in optional_name)
            print "     * @optional"
    }
    if (m in has_text) {
        paragraph(paragraphs++)
        print "     * @text"
    }
    if (paragraphs)
        print "     */"
}

function paragraph(n)
{
    print n ? "     *" : "    /*"
}

# One line a marker: name(type name, ...).
function print_signatures(    m)
{
    for (m = 1; m <= markers; m++)
        print marker[m] "(" argument_list(m) ")"
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
