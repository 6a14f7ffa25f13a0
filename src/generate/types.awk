# SPDX-License-Identifier: MIT
# types.awk - the types that arguments can have, and how they are written.

# Types and their size in a note: bytes, negative where signed. What has the
# size of a pointer (pointer_sized) is written here as LP64 has it.
function know_types(    list, n, i, pair)
{
    n = split("char:-1 signed_char:-1 unsigned_char:1 short:-2 " \
        "unsigned_short:2 int:-4 unsigned_int:4 long:-8 unsigned_long:8 " \
        "long_long:-8 unsigned_long_long:8", list, " ")
    for (i = 1; i <= n; i++) {
        split(list[i], pair, ":")
        gsub(/_/, " ", pair[1])
        integer_type[pair[1]] = pair[2]
    }
    n = split("int8_t:-1 uint8_t:1 int16_t:-2 uint16_t:2 int32_t:-4 " \
        "uint32_t:4 int64_t:-8 uint64_t:8 intmax_t:-8 uintmax_t:8 " \
        "intptr_t:-8 uintptr_t:8 size_t:8 ptrdiff_t:-8 bool:1", list, " ")
    for (i = 1; i <= n; i++) {
        split(list[i], pair, ":")
        integer_type[pair[1]] = pair[2]
        one_word[pair[1]] = 1
    }
    n = split("long|unsigned long|intptr_t|uintptr_t|size_t|ptrdiff_t",
        list, "|")
    for (i = 1; i <= n; i++)
        pointer_sized[list[i]] = 1
    n = split("signed unsigned short long char int void float double", list,
        " ")
    for (i = 1; i <= n; i++)
        type_word[list[i]] = 1
    # What systems define, and what to write in place of it.
    n = split("ssize_t:intptr_t off_t:int64_t off64_t:int64_t loff_t:int64_t " \
        "pid_t:int id_t:int zoneid_t:int uid_t:unsigned_int " \
        "gid_t:unsigned_int mode_t:unsigned_int dev_t:uint64_t " \
        "ino_t:uint64_t time_t:int64_t clock_t:long socklen_t:unsigned_int " \
        "wchar_t:int32_t wint_t:int32_t char8_t:uint8_t char16_t:uint16_t " \
        "char32_t:uint32_t uint:unsigned_int ulong:unsigned_long " \
        "ushort:unsigned_short uchar:unsigned_char u_int:unsigned_int " \
        "u_long:unsigned_long u_short:unsigned_short u_char:unsigned_char " \
        "uint_t:unsigned_int ulong_t:unsigned_long u_int8_t:uint8_t " \
        "u_int16_t:uint16_t u_int32_t:uint32_t u_int64_t:uint64_t " \
        "longlong_t:int64_t u_longlong_t:uint64_t boolean_t:int " \
        "hrtime_t:int64_t caddr_t:void_*", list, " ")
    for (i = 1; i <= n; i++) {
        split(list[i], pair, ":")
        gsub(/_/, " ", pair[2])
        sub(/ t$/, "_t", pair[2])
        instead[pair[1]] = pair[2]
    }
}

# Whether token t can go on a type of which these words have been read.
function continues_type(t, words)
{
    return token[t] == "const" || token[t] in type_word || words == "" ||
        token[t] ~ /^(volatile|restrict|__restrict|_Atomic|register)$/
}

# The type at token[at]: words in any order, then stars. Sets type_base,
# type_const ("const " or "") and type_stars, and leaves at behind it.
function parse_type(    start, words, name)
{
    start = at
    type_base = type_const = type_stars = words = ""
    while (token[at] ~ /^[A-Za-z_]/ && continues_type(at, words)) {
        name = token[at]
        if (name ~ /^(volatile|restrict|__restrict|_Atomic|register)$/)
            fail_at(at, "leave '" name "' out: it says nothing to a tracer")
        if (name ~ /^(struct|union|enum|class)$/)
            fail_at(at, name == "enum" ? \
                    "the type 'enum " token[at + 1] "' is not known here; " \
                    "use 'int'" : \
                    "the type '" name " " token[at + 1] "' is not known " \
                    "here; for a pointer to it, use 'void *'")
        if (name == "const")
            type_const = "const "
        else
            words = words (words == "" ? "" : " ") name
        at++
        if (words != "" && !(name in type_word) && name != "const" &&
            token[at] in type_word)
            break
    }
    while (token[at] == "*" || (type_stars != "" && token[at] == "const"))
        add_stars(token[at++] == "*" ? "*" : " const")
    if (words == "")
        fail_at(start, "expected an argument's type, found " shown(start))
    if (words == "string") {                # D's word for a string
        words = "char"
        type_const = "const "
        type_stars = "*" type_stars
    }
    type_base = plain_type(words, start)
}

function add_stars(s)
{
    type_stars = type_stars (type_stars ~ /const$/ && s == "*" ? " " : "") s
}

# The type of these words, as C's standard lists it first: without the words
# that change nothing, and in one order.
function plain_type(words, t,    list, n, i, count, plain)
{
    if (words == "_Bool")
        return "bool"
    n = split(words, list, " ")
    if (n == 1 && !(words in type_word)) {
        if (!(words in one_word))
            fail_at(t, words in instead ? \
                    "the type '" words "' is not the same everywhere; use '" \
                    instead[words] "'" : \
                    "unknown type '" words "'; use C's integer types, " \
                    "those of stdint.h, size_t, bool or string; for a " \
                    "pointer to anything else, 'void *'")
        return words
    }
    for (i = 1; i <= n; i++)
        count[list[i]]++
    if (count["char"])
        plain = "char"
    else if (count["void"] || count["float"] || count["double"])
        plain = count["void"] ? "void" : count["float"] ? "float" : \
            count["long"] ? "long double" : "double"
    else
        plain = count["short"] ? "short" : count["long"] > 1 ? "long long" : \
            count["long"] ? "long" : "int"
    if (count["unsigned"] || (count["signed"] && plain == "char"))
        plain = (count["unsigned"] ? "unsigned " : "signed ") plain
    # Of the words, these are all that may stand beside each other.
    if (n != count["signed"] + count["unsigned"] + count["long"] + \
        count["short"] + count["char"] + count["int"] + count["void"] + \
        count["float"] + count["double"] ||
        count["signed"] + count["unsigned"] > 1 || count["long"] > 2 ||
        count["short"] > 1 || (count["short"] && count["long"]) ||
        count["char"] + count["int"] + count["void"] + count["float"] + \
        count["double"] > 1 ||
        (count["char"] && count["short"] + count["long"]) ||
        (count["void"] + count["float"] && n > 1) ||
        (count["double"] && n > 1 && words !~ /^(long double|double long)$/))
        fail_at(t, "'" words "' is no type of C")
    return plain
}

# Refuse what a tracer cannot read, and note which headers a type needs.
function check_type(t)
{
    if (type_stars == "" && type_base ~ /^(float|double|long double)$/)
        fail_at(t, "a tracer cannot read '" type_base \
                "'; use an integer or a pointer")
    if (type_stars == "" && type_base == "void")
        fail_at(t, "an argument cannot be 'void'; use 'void *'")
    if (type_base ~ /^u?int(8|16|32|64|max|ptr)_t$/)
        needs_stdint = 1
    if (type_base ~ /^(size|ptrdiff)_t$/)
        needs_stddef = 1
    if (type_base == "bool")
        needs_stdbool = 1
}
