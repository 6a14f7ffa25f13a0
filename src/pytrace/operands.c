/*
 * operands.c - the text that says where a site's arguments are: "8@%rdi
 * -4@%esi", the assembler's own notation behind a size that is negative where
 * the argument is signed. Each tracer parses some of the forms that compilers
 * write; processors.c lists them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "processor.h"

#include <ctype.h>
#include <string.h>

/* ---- an operand against the forms ---- */

struct text {
    const char *at, *end;
};

static bool is_digit(const struct text *text)
{
    return text->at < text->end && *text->at >= '0' && *text->at <= '9';
}

static bool is_word(const struct text *text)
{
    return text->at < text->end &&
           (isalnum((unsigned char)*text->at) || *text->at == '_' ||
            *text->at == '.' || *text->at == '$' || *text->at == '@');
}

static void skip_spaces(struct text *text)
{
    while (text->at < text->end && (*text->at == ' ' || *text->at == '\t'))
        text->at++;
}

static bool skip(struct text *text, char character)
{
    if (text->at == text->end || *text->at != character)
        return false;
    text->at++;
    return true;
}

static bool take_number(struct text *text)
{
    skip(text, '-');
    if (!is_digit(text))
        return false;
    while (is_digit(text))
        text->at++;
    return true;
}

static bool take_word(struct text *text)
{
    if (is_digit(text) || !is_word(text))
        return false;
    while (is_word(text))
        text->at++;
    return true;
}

static bool take_sum(struct text *text)
{
    do {
        skip(text, '-');
        if (!is_word(text))
            return false;
        while (is_word(text))
            text->at++;
    } while (skip(text, '+') || (text->at < text->end && *text->at == '-'));
    return true;
}

/* (None has more than four letters: of a longer word, five are enough.) */
static bool take_register(struct text *text, const char *registers)
{
    char word[8] = " ";
    size_t length = 1;

    while (is_word(text) && length < sizeof(word) - 2)
        word[length++] = *text->at++;
    word[length] = ' ';
    return length > 1 && strstr(registers, word) != NULL;
}

static bool matches(struct text text, const char *pattern,
                    const char *registers)
{
    for (; *pattern != '\0'; pattern++) {
        skip_spaces(&text);
        switch (*pattern) {
        case 'R':
            if (!take_register(&text, registers))
                return false;
            break;
        case 'N':
            if (!take_number(&text))
                return false;
            break;
        case 'S':
            if (!take_sum(&text))
                return false;
            break;
        case 'W':
            if (!take_word(&text))
                return false;
            skip(&text, ',');
            break;
        default:
            if (!skip(&text, *pattern))
                return false;
        }
    }
    skip_spaces(&text);
    return text.at == text.end;
}

static bool is_register(const char *pattern)
{
    size_t length = strlen(pattern);

    return length != 0 && pattern[length - 1] == 'R' &&
           strspn(pattern, "%rR") == length;
}

/* A tracer reads one register, whatever the note says of its size. */
static bool is_too_wide(const struct operand *operand,
                        const struct processor *processor,
                        const struct image *image)
{
    unsigned bytes = processor->register_bytes;

    return operand->bytes > (bytes != 0 ? bytes : image->bits / 8);
}

const char *operand_objection(const struct operand *operand,
                              const struct image *image)
{
    const struct processor *processor = processor_of(image->machine);
    struct text text = {operand->text, operand->text + operand->length};
    const struct form *form;

    if (processor == NULL)
        return NULL;
    for (form = processor->forms; form->pattern != NULL; form++)
        if (matches(text, form->pattern, processor->registers))
            return is_register(form->pattern) &&
                           is_too_wide(operand, processor, image)
                       ? "is one register, which has fewer bytes: a "
                         "tracer reads a part of the argument"
                       : form->objection;
    return "is in none of the forms that tracers read";
}

/* ---- the operands of a note ---- */

/* The length of "-8@" or the like where an operand begins, or 0. */
static size_t size_prefix(const char *at)
{
    size_t sign = *at == '-';
    size_t digits = strspn(at + sign, "0123456789");

    return digits >= 1 && digits <= 4 && at[sign + digits] == '@'
               ? sign + digits + 1
               : 0;
}

/*
 * An operand can have spaces in it ("8@[sp, 16]"): it ends before the next that
 * begins with a size.
 */
bool operand_next(struct operand *operand, const char **arguments)
{
    static const char spaces[] = " \t";
    const char *at = *arguments + strspn(*arguments, spaces);
    size_t prefix = size_prefix(at);
    size_t gap;

    if (*at == '\0')
        return false;
    operand->is_signed = *at == '-';
    operand->bytes = 0;
    operand->text = at + prefix;
    for (at += operand->is_signed; prefix != 0 && *at != '@'; at++)
        operand->bytes = 10 * operand->bytes + (unsigned)(*at - '0');
    at = operand->text;
    for (;;) {
        at += strcspn(at, spaces);
        gap = strspn(at, spaces);
        if (at[gap] == '\0' || size_prefix(at + gap) != 0)
            break;
        at += gap;
    }
    operand->length = (size_t)(at - operand->text);
    *arguments = at + gap;
    return true;
}
