/*
 * types.c - the types of arguments, as generate.awk has them, and the words
 * that cannot be an argument's name.
 */
#include "scanner.h"

#include <string.h>

struct type {
    const char *name;
    struct expected_argument argument;
};

#define SIGNED(bytes) \
    { \
        bytes, true, false \
    }
#define UNSIGNED(bytes) \
    { \
        bytes, false, false \
    }

static const struct type types[] = {
    {"char", {1, true, true}},
    {"signed char", SIGNED(1)},
    {"unsigned char", UNSIGNED(1)},
    {"short", SIGNED(2)},
    {"short int", SIGNED(2)},
    {"signed short", SIGNED(2)},
    {"signed short int", SIGNED(2)},
    {"unsigned short", UNSIGNED(2)},
    {"unsigned short int", UNSIGNED(2)},
    {"int", SIGNED(4)},
    {"signed", SIGNED(4)},
    {"signed int", SIGNED(4)},
    {"unsigned", UNSIGNED(4)},
    {"unsigned int", UNSIGNED(4)},
    {"long", SIGNED(0)},
    {"long int", SIGNED(0)},
    {"signed long", SIGNED(0)},
    {"signed long int", SIGNED(0)},
    {"unsigned long", UNSIGNED(0)},
    {"unsigned long int", UNSIGNED(0)},
    {"long long", SIGNED(8)},
    {"long long int", SIGNED(8)},
    {"signed long long", SIGNED(8)},
    {"signed long long int", SIGNED(8)},
    {"unsigned long long", UNSIGNED(8)},
    {"unsigned long long int", UNSIGNED(8)},
    {"int8_t", SIGNED(1)},
    {"uint8_t", UNSIGNED(1)},
    {"int16_t", SIGNED(2)},
    {"uint16_t", UNSIGNED(2)},
    {"int32_t", SIGNED(4)},
    {"uint32_t", UNSIGNED(4)},
    {"int64_t", SIGNED(8)},
    {"uint64_t", UNSIGNED(8)},
    {"intptr_t", SIGNED(0)},
    {"uintptr_t", UNSIGNED(0)},
    {"size_t", UNSIGNED(0)},
};

bool type_is_word(struct span word)
{
    static const char *const words[] = {"const",    "char", "short",
                                        "int",      "long", "signed",
                                        "unsigned", "void", NULL};

    return span_is_among(word, words);
}

bool type_is_keyword(struct span word)
{
    static const char *const words[] = {
        "auto",     "break",     "case",      "char",     "const",   "continue",
        "default",  "do",        "double",    "else",     "enum",    "extern",
        "float",    "for",       "goto",      "if",       "inline",  "int",
        "long",     "register",  "restrict",  "return",   "short",   "signed",
        "sizeof",   "static",    "struct",    "switch",   "typedef", "union",
        "unsigned", "void",      "volatile",  "while",    "asm",     "bool",
        "catch",    "class",     "delete",    "explicit", "export",  "false",
        "friend",   "mutable",   "namespace", "new",      "nullptr", "operator",
        "private",  "protected", "public",    "template", "this",    "throw",
        "true",     "try",       "typeid",    "typename", "using",   "virtual",
        NULL};

    return span_is_among(word, words);
}

bool type_find(const char *name, bool is_pointer,
               struct expected_argument *argument)
{
    static const struct expected_argument pointer = {0, false, false};
    size_t i;

    *argument = pointer;
    if (is_pointer && strcmp(name, "void") == 0)
        return true;
    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(name, types[i].name) == 0) {
            if (!is_pointer)
                *argument = types[i].argument;
            return true;
        }
    return false;
}
