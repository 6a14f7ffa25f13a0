# random.awk - definitions by chance: what people write, names that languages
# reserve, and comments that could break what is made of them.
#
#   awk -v seed=N -v count=N -v directory=DIR -f random.awk
#
# Writes DIR/1.d and so on. The same seed gives the same files with every awk.

# 0 to n - 1. (rand() differs from awk to awk.)
function chance(n)
{
    state = (state * 16807) % 2147483647
    return int(state / 2147483647 * n)
}

function one_of(list, n)
{
    return list[chance(n) + 1]
}

function provider_name(    s)
{
    s = one_of(providers, providers_n)
    return chance(3) ? s : s "_" one_of(names, names_n)
}

function probe_name(    s, n)
{
    s = chance(4) ? one_of(names, names_n) : one_of(words_of_c, words_of_c_n)
    for (n = chance(3); n > 0; n--)
        s = s (chance(4) ? "__" : "_") one_of(parts, parts_n)
    return s
}

function argument(    s, name)
{
    s = chance(150) ? one_of(types, types_n) : \
        one_of(wrong_types, wrong_types_n)
    if (chance(5)) {
        name = chance(150) ? one_of(names, names_n) : \
            one_of(reserved, reserved_n)
        if (chance(3))
            name = name "_" one_of(parts, parts_n)
        s = s (s ~ /\*$/ && chance(2) ? "" : " ") name
        explained[++explained_n] = name
        if (!chance(12))
            s = s (chance(2) ? "[]" : "[8]")
    }
    return s
}

# Words of a comment, of one line.
function words(    s, n)
{
    for (n = chance(12); n >= 0; n--)
        s = s " " (chance(6) ? one_of(prose, prose_n) : \
                   one_of(hostile, hostile_n))
    return s
}

function text_line()
{
    if (!chance(5))
        return " " one_of(explained, explained_n) ": " words()
    if (!chance(8))
        return " @param " one_of(explained, explained_n) words()
    if (!chance(12))
        return " @group g" chance(200)
    if (!chance(10))
        return " " one_of(hostile, hostile_n)
    return words()
}

# A comment, and the line's end where it is one of "//".
function comment(    s, n)
{
    if (!chance(3))
        return one_of(slashes, slashes_n) text_line() end
    s = one_of(stars, stars_n) text_line()
    for (n = chance(4); n > 0; n--)
        s = s end (chance(4) ? "     *" : "") text_line()
    gsub(/\*\//, "* ", s)
    return s (chance(9) ? " */" : "**/") (chance(3) ? "" : end)
}

function maybe_comment(n)
{
    return chance(n) ? "" : " " comment()
}

function probe(    s, n)
{
    explained_n = 1
    s = "    probe " probe_name() maybe_comment(20) "(" maybe_comment(20)
    n = chance(60) ? chance(7) : 7
    if (n == 0 && chance(2))
        s = s "void"
    for (; n > 0; n--)
        s = s argument() maybe_comment(12) (n > 1 ? "," : "") \
            maybe_comment(12) (chance(4) ? " " : end "        ")
    return s ")" maybe_comment(20) ";" (chance(4) ? "" : " " comment()) end
}

function definition(    s, n)
{
    end = chance(8) ? "\n" : "\r\n"
    explained_n = 1
    explained[1] = "arg1"
    s = (chance(9) ? "" : "\357\273\277") maybe_comment(3) end "provider " \
        provider_name() (chance(3) ? " " : end) "{" maybe_comment(4) end
    for (n = 4 + chance(5); n > 0; n--) {
        if (!chance(8))
            s = s end "    " comment() end
        if (!chance(8))
            s = s one_of(pragmas, pragmas_n) end
        if (!chance(150))
            s = s one_of(directives, directives_n) end
        if (chance(3))
            s = s "    " comment() end
        s = s probe() (chance(2) ? end : "")
    }
    return s maybe_comment(4) end "}" (chance(4) ? ";" : "") maybe_comment(5) \
        (chance(4) ? end : "")
}

BEGIN {
    state = seed * 7919 + 1
    providers_n = split("heap lua Xserver glib hotspot_jni linux unix i386 " \
        "sun new class and print foreach in string_x php MyLang size " \
        "x limit function heap glib", providers, " ")
    names_n = split("line function entry alloc gc import_x x y linux unix " \
        "print printf println sprintf foreach in limit next global enabled " \
        "nargs group EOF errno stdin assert main environ byte semaphore " \
        "CALL Method gc2 a_b i n s data size name value count fd path " \
        "code begin end error probe_x index length split func getline awk " \
        "in_ i386 frameptr printdln sprintd print_char", names, " ")
    words_of_c_n = split("class new delete and or not true false bool asm " \
        "typeof co_await requires char8_t using nullptr operator", \
        words_of_c, " ")
    reserved_n = split("NULL self this string offsetof find marker import " \
        "class and char8_t co_await __x _X pytrace_x a_provider int8_t xor", \
        reserved, " ")
    parts_n = split("entry return start done begin end 1 2x enabled ok " \
        "linux x line class in print or", parts, " ")
    types_n = split("int|long|char|unsigned|unsigned long|long unsigned int|" \
        "int long long|char signed|const char *|char *|char const *|void *|" \
        "const void *|int *|const int|int const|uint64_t|int8_t|size_t|" \
        "uintptr_t|ptrdiff_t|bool|_Bool|string|double *|const char * const|" \
        "const char **|long long unsigned|uint16_t|intmax_t|short int", \
        types, "|")
    wrong_types_n = split("double|float|pid_t|struct s *|wchar_t|Oid|" \
        "long char|volatile int|enum e|void", wrong_types, "|")
    prose_n = split("the a memory of block was is taken, given back. when " \
        "it; its well-known number: in bytes (or 0) Heap's own!", prose, " ")
    hostile_n = split("*/|/*|//|\\|\\\\|?" "?/|.SH x|'br|.|'|\\fB|\\&|-x|" \
        "--long|@PROVIDER@|@MAN@|%(|%}|@define|probe a(int b);|" \
        "provider q {|};|\303\251t\303\251|\377|\342\200\256|\001|\303|\"|" \
        "`a`|#if 0|&|arg0: x|arg1:|*|***|---|===|@brief|@param|@param x|" \
        "@group|@groups a|\\brief|@todo|NOTE: x|x:|<|!|*<|{{{|" \
        "averyveryveryveryveryveryveryveryveryveryveryveryverylongword" \
        "thatfitsnoline|0|a**b|~|^|$arg1|{|}|\\n|\\0|%s|\\e|\\(aq|..|.\\\"", \
        hostile, "|")
    slashes_n = split("// /// ///< //! //", slashes, " ")
    stars_n = split("/* /** /**< /*! /*", stars, " ")
    pragmas_n = split("#pragma D attributes Evolving/Evolving/Common provider " \
        "p provider|#pragma D option quiet|#pragma ident \"x\"|#ident \"x\"|#",
        pragmas, "|")
    directives_n = split("#if 0|#define X int|#include <x.h>|# 1 \"x.d\"|" \
        "#pragma once|# file: x", directives, "|")
    for (i = 1; i <= count; i++) {
        file = directory "/" i ".d"
        printf "%s", definition() > file
        close(file)
    }
}
