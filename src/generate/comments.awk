# SPDX-License-Identifier: MIT
# comments.awk - which probe or argument a comment documents, and what of its
# text can stand in every output.
#
# A comment belongs to the probe that it stands directly before, without an
# empty line between; to the one that it stands behind on its line; or to the
# one that it stands in, and there to the argument that it stands behind on its
# line or before. One that goes on in the next line, in the same column, goes on
# where it began. "/**<" and "///<" are behind a probe wherever they are. What
# begins with "---", "===", "***" or the like is a heading, and what reads
# "probe name(...);" is a probe taken out: neither belongs to a probe, nor does
# what is on the line of a #pragma. No text is an error.

# ---- to whom a comment belongs: comment_probe[] and comment_argument[] -------

# Comment c's text in a line of its own begins where the one before began.
function continues(c)
{
    return c > 1 && comment_after[c] == comment_after[c - 1] &&
        comment_line[c] == comment_end[c - 1] + 1 &&
        comment_column[c] == comment_column[c - 1] && behind[c - 1]
}

function is_heading(c)
{
    return beside_directive[c] || comment_line[c] == comment_end[c] &&
        comment_text[c] ~ /^[ \t]*(---|===|\*\*\*|###|~~~|___|\+\+\+)/
}

function is_probe_taken_out(c)
{
    return comment_line[c] == comment_end[c] &&
        comment_text[c] ~ /^[ \t]*probe[ \t]+[A-Za-z_0-9]+[ \t]*\(.*\)[ \t]*;/
}

function points_back(c)
{
    return comment_text[c] ~ /^[*\/!]</
}

# Within probe m, behind token t.
function give_within(c, m, t,    n)
{
    comment_probe[c] = m
    comment_argument[c] = 0
    if (t < probe_open[m] || t >= probe_close[m])
        return
    for (n = 1; n <= arguments[m]; n++) {
        if (argument_first[m, n] <= t && t <= argument_last[m, n])
            comment_argument[c] = n
        # Behind the comma, but on its line.
        if (argument_last[m, n] == t - 1 && behind[c])
            comment_argument[c] = n
        if (argument_first[m, n] == t + 1 && !behind[c])
            comment_argument[c] = n
    }
}

function give_comments(    c, t, m, inside, next_line)
{
    m = 0                                   # the last probe that has begun
    for (c = 1; c <= comments; c++) {
        t = comment_after[c]
        while (m < markers && probe_first[m + 1] <= t)
            m++
        # On the line of what is before it, and nothing is behind it there.
        behind[c] = comment_line[c] == token_line[t] &&
            token_line[t + 1] > comment_end[c]
        if (continues(c)) {
            behind[c] = 1
            comment_probe[c] = comment_probe[c - 1]
            comment_argument[c] = comment_argument[c - 1]
        } else if (is_heading(c) || is_probe_taken_out(c))
            continue
        else if (m && t < probe_last[m])
            give_within(c, m, t)
        else if (m && t == probe_last[m] &&
                 (points_back(c) || (comment_line[c] == token_line[t] &&
                  !(token_line[t + 1] == comment_end[c] &&
                    token[t + 1] == "probe"))))
            comment_probe[c] = m
    }
    # What stands before a probe: backwards, up to an empty line.
    for (m = 1; m <= markers; m++) {
        t = probe_first[m]
        next_line = token_line[t]
        for (c = comments; c > 0 && comment_after[c] >= t; c--)
            ;
        for (; c > 0 && comment_after[c] == t - 1; c--) {
            if (comment_probe[c] || comment_end[c] + 1 < next_line ||
                behind[c] || is_heading(c))
                break
            next_line = comment_line[c]
            if (!is_probe_taken_out(c))
                comment_probe[c] = m
        }
    }
}

# ---- what the text says: doc[], arg_doc[] and groups -------------------------

# Text that ends no comment and begins none, without control characters and in
# UTF-8, without the characters that change a line's direction.
function harmless(text,    done)
{
    gsub(/[\001-\037\177]/, " ", text)
    gsub(/\*\//, "* /", text)
    gsub(/\/\*/, "/ *", text)
    gsub(/\?\?\//, "?? /", text)            # a backslash, as a trigraph
    return in_bytes() ? valid_utf8(text) : text
}

# Whether awk takes text as bytes, as it does in the C locale (see generate.sh).
function in_bytes()
{
    return length("\303\251") == 2
}

# Text with a "?" for each byte that is not UTF-8, and for the characters that
# change a line's direction. The expressions are strings, as they are errors to
# an awk that does not take text as bytes.
function valid_utf8(text,    more, done, n)
{
    more = "[\200-\277]"
    done = ""
    gsub("\342\200[\252-\256]|\342\201[\246-\251]", "?", text)
    while (match(text, "[\200-\377]")) {
        done = done substr(text, 1, RSTART - 1)
        text = substr(text, RSTART)
        n = text ~ ("^[\302-\337]" more) ? 2 : \
            text ~ ("^\340[\240-\277]" more) ? 3 : \
            text ~ ("^\355[\200-\237]" more) ? 3 : \
            text ~ ("^[\341-\354\356\357]" more more) ? 3 : \
            text ~ ("^\360[\220-\277]" more more) ? 4 : \
            text ~ ("^[\361-\363]" more more more) ? 4 : \
            text ~ ("^\364[\200-\217]" more more) ? 4 : 0
        done = done (n ? substr(text, 1, n) : "?")
        text = substr(text, n ? n + 1 : 2)
    }
    return done text
}

# A comment's text without its decoration.
function plain_text(c,    text)
{
    text = comment_text[c]
    if (comment_kind[c] == "//")
        sub(/^(\/+|!)?<?/, "", text)
    else {
        sub(/^(\*+|!)<?/, "", text)
        sub(/\*+$/, "", text)
    }
    return text
}

# A line of it, without the stars and words of doxygen's that stand before it;
# "" where it is a rule only.
function plain_line(s)
{
    s = harmless(s)
    sub(/^[ \t]*\**[ \t]*/, "", s)
    gsub(/[ \t]+/, " ", s)
    s = trimmed(s)
    while (sub(/^[@\\](brief|short|details)([ \t]+|$)/, "", s))
        ;
    return s ~ /^(---+|===+|\*\*\*+|###+|~~~+|___+|\+\+\++)$/ ? "" : s
}

function trimmed(s)
{
    gsub(/^[ \t]+|[ \t]+$/, "", s)
    return s
}

# The argument of probe m that is called name; 0 where there is none. Where a
# comment counts arguments from "arg0", as D does, so does this.
function argument_called(m, name,    n)
{
    for (n = 1; n <= arguments[m]; n++)
        if ((named[m, n] || !from_zero[m]) && arg_name[m, n] == name)
            return n
    n = substr(name, 4) + 1
    return from_zero[m] && name ~ /^arg[0-5]$/ && n <= arguments[m] ? n : 0
}

# The name that a line explains, as in "name: text" or "@param name text"; "" if
# it explains none. Sets explanation to the rest.
function explained_name(s,    name, param)
{
    param = sub(/^[@\\]param(\[[a-z, ]*\])?[ \t]+/, "", s)
    if (!param)
        sub(/^@/, "", s)
    if (!match(s, /^[A-Za-z_][A-Za-z_0-9]*/))
        return ""
    name = substr(s, 1, RLENGTH)
    explanation = substr(s, RLENGTH + 1)
    return sub(/^:([ \t]+|$)/, "", explanation) ||
        (param && sub(/^([ \t]+|$)/, "", explanation)) ? name : ""
}

# Add a line of text to what is known of probe m, where the line before it was
# about argument current (0: the probe). Returns what this line is about.
function add_line(m, current, s, line,    n)
{
    if (s ~ /^@group[ \t]+[A-Za-z_][A-Za-z_0-9]*$/) {
        sub(/^@group[ \t]+/, "", s)
        join_group(m, s, line)
        return current
    }
    if (s == "@optional") {
        is_optional[m] = line
        return current
    }
    if (s == "@text") {
        if (!(m in has_text))
            claim_text(m, line)
        has_text[m] = 1
        return current
    }
    n = argument_called(m, explained_name(s))
    if (n) {
        current = n
        s = explanation
    }
    if (s == "")
        return current
    look_for_group(s, line)
    if (current)
        arg_doc[m, current] = joined(arg_doc[m, current], s)
    else
        doc[m] = joined(doc[m], s)
    return current
}

function joined(text, s)
{
    return text (text == "" ? "" : " ") s
}

function document(    c, m)
{
    give_comments()
    for (m = 1; m <= markers; m++)
        doc[m] = ""
    for (c = 1; c <= comments; c++)
        read_lines(c, comment_probe[c] + 0, 0)
    for (c = 1; c <= comments; c++)
        read_lines(c, comment_probe[c] + 0, 1)
}

# The lines of comment c, for probe m (0: for none): at first only whether they
# count arguments from 0, then what they say.
function read_lines(c, m, all,    lines, n, i, s, line)
{
    if (comment_kind[c] != "//" || comment_kind[c - 1] != "//" ||
        comment_probe[c - 1] != m ||
        comment_argument[c - 1] != comment_argument[c])
        current = comment_argument[c] + 0
    n = split(plain_text(c), lines, "\n")
    for (i = 1; i <= n; i++) {
        s = plain_line(lines[i])
        line = comment_line[c] + i - 1
        if (s == "")
            current = comment_argument[c] + 0
        else if (!m) {
            if (all && match(s, /^@(group$|group[ \t]|text$|optional$)/))
                warn(line, "this '" trimmed(substr(s, 1, RLENGTH)) \
                     "' is in a comment of no probe; it " \
                     "stands directly before one, or behind it on its line")
        } else if (all)
            current = add_line(m, current, s, line)
        else if (explained_name(s) == "arg0" && !argument_called(m, "arg0"))
            from_zero[m] = 1
    }
}

# ---- groups ------------------------------------------------------------------

function join_group(m, name, line,    g)
{
    for (g = 1; g <= groups; g++)
        if (group_name[g] == name)
            break
    if (m in in_group) {
        if (in_group[m] != g)
            fail(probes ":" line, "the probe '" marker[m] "' is in the " \
                 "group '" group_name[in_group[m]] "' already, and can be " \
                 "in one only")
        return
    }
    if (g > groups) {
        groups = g
        group_name[g] = name
        claim_group(name, line)
    }
    if (++group_size[g] > 4)
        fail(probes ":" line, "group '" name "' has more than four " \
             "probes, which no longer fit in one word")
    group_member[g, group_size[g]] = m
    in_group[m] = g
}

# What looks like "@group NAME" and is none is text, but not without a word.
function look_for_group(s, line,    word)
{
    word = s
    if (word ~ /[ \t(]@group[ \t]/)
        word = "@group"
    if (!match(word, /^[@\\][A-Za-z]+/))
        return
    word = substr(word, 2, RLENGTH - 1)
    if (word !~ /^(in|def)group$/ && distance(tolower(word), "group") <= 2)
        warn(line, "this is taken as text; a group is a line of its own, " \
             "'@group NAME'")
}

# How many letters to add, drop or change make b of a.
function distance(a, b,    i, j, d, cost)
{
    for (i = 0; i <= length(a); i++)
        for (j = 0; j <= length(b); j++) {
            if (i == 0 || j == 0) {
                d[i, j] = i + j
                continue
            }
            cost = substr(a, i, 1) != substr(b, j, 1)
            d[i, j] = least(d[i - 1, j] + 1, d[i, j - 1] + 1,
                            d[i - 1, j - 1] + cost)
        }
    return d[length(a), length(b)]
}

function least(a, b, c)
{
    if (b < a)
        a = b
    return c < a ? c : a
}
