# SPDX-License-Identifier: MIT
# manual.awk - the markers in the manual page, pytrace(7).

function print_man(first, last,    m, n)
{
    for (m = first; m <= last; m++) {
        print ".TP"
        print ".BI \"" marker[m] "(\" \"" argument_list(m) "\" )"
        print_roff(doc[m] == "" ? "Not documented." : doc[m])
        for (n = 1; n <= arguments[m]; n++)
            if (arg_doc[m, n] != "") {
                print ".br"
                print ".IR " arg_name[m, n] " :"
                print_roff(arg_doc[m, n])
            }
    }
}

# The optional ones that this build does not have, by their groups.
function print_man_left_out(    m, g)
{
    for (m = markers + 1; m <= all_markers; m++) {
        if (in_group[m] != g) {
            g = in_group[m]
            print ".SS Group " group_name[g]
        }
        print_man(m, m)
    }
    if (!g)
        print "This build has all of them."
}

# Text as roff: lines of at most 80 columns, a new one for each sentence.
function print_roff(text,    words, n, i, line)
{
    n = split(text, words, " ")
    for (i = 1; i <= n; i++) {
        words[i] = roff(words[i])
        if (line != "" && (length(line) + 1 + length(words[i]) > 80 ||
                           line ~ /[.!?]["')]*$/)) {
            print line
            line = ""
        }
        if (line == "" && words[i] ~ /^[.']/)
            words[i] = "\\&" words[i]
        line = joined(line, words[i])
    }
    if (line != "")
        print line
}

# A hyphen within a word is one; elsewhere it is a minus, as in "-x". The others
# are characters that roff would print as typographic ones.
function roff(word,    n)
{
    gsub(/\\/, "\\e", word)
    gsub(/-/, "\\-", word)
    while ((n = match(word, /[A-Za-z0-9]\\-[A-Za-z0-9]/)) > 0)
        word = substr(word, 1, n) "-" substr(word, n + 3)
    gsub(/`/, "\\(ga", word)
    gsub(/\^/, "\\(ha", word)
    gsub(/~/, "\\(ti", word)
    return word
}
