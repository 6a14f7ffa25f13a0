# SPDX-License-Identifier: MIT
# scanner.awk - split the provider definition into tokens and comments. What
# the preprocessor would do is refused, never passed over.

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

# Warnings are printed when all has been read: a refusal is one line.
function warn(line, reason)
{
    warning[++warnings] = probes ":" line ": warning: " reason
}

function print_warnings(    n)
{
    for (n = 1; n <= warnings; n++)
        print warning[n] | "cat 1>&2"
    if (warnings)
        close("cat 1>&2")
}

# ---- tokens and comments -----------------------------------------------------

function add_token(text, line)
{
    token[++tokens] = text
    token_line[tokens] = line
}

# A comment begins: where, in which column, and behind which token.
function open_comment(kind, line, before)
{
    comment_kind[++comments] = kind
    comment_line[comments] = comment_end[comments] = line
    comment_column[comments] = columns(before)
    comment_after[comments] = tokens
    comment_text[comments] = ""
}

# The columns that text takes, with a tab stop every eight.
function columns(text,    n)
{
    while ((n = index(text, "\t")) > 0)
        text = substr(text, 1, n - 1) \
            substr("        ", (n - 1) % 8 + 1) substr(text, n + 1)
    return length(text)
}

function scan(    line, full, number, open, status, n, directive, text,
              mark)
{
    mark = "\357\273\277"                  # UTF-8's byte order mark
    tokens = comments = 0
    while ((status = (getline line < probes)) > 0) {
        if (++number == 1 && index(line, mark) == 1)
            line = substr(line, length(mark) + 1)
        sub(/\r+$/, "", line)
        full = line
        if (open)
            comment_text[comments] = comment_text[comments] "\n"
        while (line != "") {
            if (open) {
                n = index(line, "*/")
                comment_text[comments] = comment_text[comments] \
                    (n ? substr(line, 1, n - 1) : line)
                line = n ? substr(line, n + 2) : ""
                comment_end[comments] = number
                open = !n
            } else if (line ~ /^\/[*\/]/) {
                open_comment(substr(line, 1, 2), number,
                             substr(full, 1, length(full) - length(line)))
                line = substr(line, 3)
                open = comment_kind[comments] == "/*"
                if (!open) {
                    comment_text[comments] = line
                    line = ""
                }
            } else if (directive) {
                n = match(line, /\/[*\/]/) ? RSTART - 1 : length(line)
                text = text substr(line, 1, n)
                line = substr(line, n + 1)
            } else if (line ~ /^[ \t\f\v]/) {
                line = substr(line, 2)
            } else if (substr(line, 1, 1) == "#" &&
                       token_line[tokens] != number) {
                directive = number
                text = ""
                line = substr(line, 2)
            } else if (match(line, /^[A-Za-z_0-9]+/)) {
                add_token(substr(line, 1, RLENGTH), number)
                line = substr(line, RLENGTH + 1)
            } else if (line ~ /^[][{}(),;:*]/) {
                add_token(substr(line, 1, 1), number)
                line = substr(line, 2)
            } else {
                unexpected(line, number)
            }
        }
        for (n = comments; directive && n && comment_end[n] >= directive; n--)
            beside_directive[n] = 1
        if (directive && text !~ /\\$/) {
            check_directive(text, directive)
            directive = 0
        }
    }
    if (status < 0)
        fail(probes, "cannot be read")
    close(probes)
    if (open)
        fail(probes ":" comment_line[comments], "this comment does not end")
    if (directive)
        check_directive(text, directive)
    add_token("", number ? number : 1)      # stands for the end of the file
}

function unexpected(line, number,    c)
{
    if (tokens && token[1] != "provider") { # what stands there says more
        at = 1
        parse_beginning()
    }
    c = substr(line, 1, 1)
    fail(probes ":" number,
         c == "-" ? "unexpected character '-'; where DTrace shows '-' in a " \
                    "probe's name, a definition has '__'" : \
         substr(line, 1, 3) == "..." ? "a probe cannot have '...': its " \
                    "arguments are fixed" : \
         c ~ /[!-~]/ ? "unexpected character '" c "'" : \
         "unexpected character outside of a comment, which is not in ASCII")
}

# What follows a "#" at the beginning of a line. A pragma of D's is about the
# stability of names, which says nothing to us.
function check_directive(text, line,    word)
{
    gsub(/^[ \t\f\v]+|[ \t\f\v]+$/, "", text)
    if (text == "" || text ~ /^(pragma[ \t]+)?ident([ \t"]|$)/ ||
        text ~ /^pragma[ \t]+D[ \t]+(attributes|binding|depends_on|option)/)
        return
    match(text, /^[A-Za-z_0-9]*/)
    word = substr(text, 1, RLENGTH)
    if (word == "pragma")
        fail(probes ":" line, "unknown '#pragma'; leave it out (known are " \
             "D's 'attributes', 'binding', 'depends_on' and 'option')")
    if (word ~ /^(include|include_next|import)$/)
        fail(probes ":" line, "leave '#" word "' out: what other files " \
             "define is not known here")
    if (word ~ /^[0-9]+$/ || word in directive_word)
        fail(probes ":" line, "'#" (word ~ /^[0-9]/ ? " " : "") word \
             "' is for the preprocessor, which does not run here; run the " \
             "definition through 'cpp -undef -nostdinc -P -C' first")
    fail(probes ":" line, "a line that begins with '#' is for the " \
         "preprocessor; write a comment as '/* ... */'")
}

function know_directives(    list, n, i)
{
    n = split("if ifdef ifndef elif elifdef elifndef else endif define undef " \
        "line error warning assert unassert",
        list, " ")
    for (i = 1; i <= n; i++)
        directive_word[list[i]] = 1
}
