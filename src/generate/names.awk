# SPDX-License-Identifier: MIT
# names.awk - what may be called how. A name appears in C and C++, in D, in
# SystemTap's language and in macros: what one of them reserves is refused, or
# made harmless where it is written (variable() in tapset.awk).

function is_identifier(word)
{
    return word ~ /^[A-Za-z_][A-Za-z_0-9]*$/
}

# The rules that providers, probes and groups share. what is such as "the
# probe's name".
function check_name(name, where, what, longest)
{
    if (length(name) > longest)
        fail(where, what " '" name "' must not be longer than " longest \
             " characters")
    if (name ~ /^_|_$|___/)
        fail(where, what " '" name "' must not begin or end in '_'" \
             " or contain three of them")
    # The runtime undefines a macro of the name, which these do not allow.
    if (name ~ /^(NULL|bool|defined)$/)
        fail(where, what " cannot be '" name "', " (name == "defined" ? \
             "a word of C's preprocessor" : "a macro of C"))
    if (name in d_keyword)
        fail(where, what " cannot be '" name "', a keyword of D")
}

function check_provider(name, where,    what, prefix)
{
    what = "the provider's name"
    if (!is_identifier(name))
        fail(where, what " '" name \
             "' must be a C identifier (letters, digits, '_')")
    check_name(name, where, what, 32)
    if (name ~ /__/)
        fail(where, what " '" name \
             "' must not contain '__', which tracers read as '-'")
    if (name ~ /[0-9]$/)
        fail(where, what " '" name \
             "' must not end in a digit, where DTrace puts the process id")
    prefix = name
    sub(/_.*/, "", prefix)
    if (tolower(prefix) ~ /^(pytrace|stap|dtrace|sdt)$/)
        fail(where, what " '" name "' must not begin with '" prefix \
             "', as macros of pytrace's or of sys/sdt.h do")
    if (name in systemtap_probe)
        fail(where, what " cannot be '" name \
             "', as SystemTap has probes of its own by this name")
}

# The words among them, for pytrace new, which checks a name as this does.
function print_reserved(    word)
{
    for (word in d_keyword)
        print "    \"" word "\","
    for (word in systemtap_probe)
        print "    \"" word "\","
}

function check_probe_name(t,    name)
{
    name = token[t]
    if (!is_identifier(name))
        fail_at(t, "expected the probe's name after 'probe', found " shown(t))
    check_name(name, probes ":" token_line[t], "the probe's name", 64)
    check_for_dtrace(name, t)
}

# SystemTap's dtrace, where it does not know a type, looks for this word only.
function check_for_dtrace(name, t)
{
    if (name ~ /provider/)
        fail_at(t, "the name '" name "' must not contain 'provider', which " \
                "SystemTap's dtrace takes for the provider's line")
}

# dtrace -h makes macros of the provider's and the probe's name; these are
# already macros of the headers that the runtime includes.
function check_provider_macro(macro, t)
{
    if (macro ~ /^(S?SIZE|PTRDIFF|U?INTPTR|U?INTMAX|SIG_ATOMIC)_(MAX|MIN|C)$/ ||
        macro ~ /^(WCHAR|WINT|UINT|ULONG|LLONG|ULLONG|USHRT|SCHAR)_M(AX|IN)$/ ||
        macro ~ /^UINT_(FAST|LEAST)(8|16|32|64)_MAX$/ ||
        macro ~ /^(BIG|LITTLE|PDP)_ENDIAN$|^BYTE_ORDER$/)
        fail_at(t, "the provider and the probe '" token[t] "' would make " \
                "the macro " macro ", which C has already")
}

function check_argument_name(name, t)
{
    if (name in keyword)
        fail_at(t, "an argument cannot be called '" name \
                "', a keyword of C or C++")
    if (name in d_keyword)
        fail_at(t, "an argument cannot be called '" name "', a keyword of D")
    check_for_dtrace(name, t)
    if (name in one_word || name in instead)
        fail_at(t, "an argument cannot be called '" name "', which is a type")
    if (name ~ /^_[A-Z_]/)
        fail_at(t, "an argument cannot be called '" name \
                "': C reserves names that begin so")
    if (tolower(name) ~ /^pytrace/)
        fail_at(t, "an argument cannot be called '" name \
                "': names that begin with 'pytrace' are the library's")
    if (length(name) > 64)
        fail_at(t, "the argument's name '" name \
                "' must not be longer than 64 characters")
}

# ---- PYTRACE_... : whose each macro is ---------------------------------------

# macro is for what, such as "the probe 'a'".
function claim(macro, what, line)
{
    if (macro in owner)
        fail(probes ":" line, (owner[macro] == what ? what : what " and " \
             owner[macro]) " would share the macro PYTRACE_" macro)
    owner[macro] = what
}

function claim_probe(name, upper_name, line,    what)
{
    what = "the probe '" name "'"
    if (tolower(upper_name) ~ /^(markers?|arguments?|find|h|probes_h)$/ ||
        upper_name ~ /^(VERSION(_.*)?|WITHOUT_DTRACE)$/)
        fail(probes ":" line, "a probe cannot be called '" name \
             "', as pytrace_" tolower(upper_name) " or PYTRACE_" upper_name \
             " is something else")
    claim(upper_name, what, line)
    claim(upper_name "_ENABLED", what, line)
    claim(upper_name "_NARGS", what, line)
}

function claim_text(m, line)
{
    claim(upper[m] "_TEXT", "the probe '" marker[m] "'", line)
    claim(upper[m] "_RECORDED", "the probe '" marker[m] "'", line)
}

function claim_group(name, line,    what)
{
    check_name(name, probes ":" line, "the group's name", 64)
    if (name ~ /__/)
        fail(probes ":" line, "the group's name '" name \
             "' must not contain '__'")
    what = "the group '" name "'"
    claim(toupper(name) "_ENABLED", what, line)
    claim(toupper(name) "_ENABLED_OR", what, line)
}

# ---- keywords ----------------------------------------------------------------

function know_names(    list, n, i)
{
    # C up to C23, C++ up to C++23, and what gcc adds as GNU C.
    n = split("alignas alignof and and_eq asm auto bitand bitor bool break " \
        "case catch char char8_t char16_t char32_t class co_await co_return " \
        "co_yield compl concept const const_cast consteval constexpr " \
        "constinit continue decltype default delete do double dynamic_cast " \
        "else enum explicit export extern false float for friend goto if " \
        "inline int long mutable namespace new noexcept not not_eq nullptr " \
        "operator or or_eq private protected public register " \
        "reinterpret_cast requires restrict return short signed sizeof " \
        "static static_assert static_cast struct switch template this " \
        "thread_local throw true try typedef typeid typename typeof " \
        "typeof_unqual union unsigned using virtual void volatile wchar_t " \
        "while xor xor_eq", list, " ")
    for (i = 1; i <= n; i++)
        keyword[list[i]] = 1
    n = split("auto break case char const continue counter default do double " \
        "else enum extern float for goto if import inline int long offsetof " \
        "probe provider register restrict return self short signed sizeof " \
        "static string stringof struct switch this translator typedef union " \
        "unsigned void volatile while xlate", list, " ")
    for (i = 1; i <= n; i++)
        d_keyword[list[i]] = 1
    n = split("begin end error never kernel module process timer perf " \
        "procfs netfilter java oneshot", list, " ")
    for (i = 1; i <= n; i++)
        systemtap_probe[list[i]] = 1
}
