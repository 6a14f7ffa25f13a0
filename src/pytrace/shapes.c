/*
 * shapes.c - the types of arguments, as the generator writes them into a
 * host's note: one word for each argument, separated by a blank.
 *
 * SPDX-License-Identifier: MIT
 */
#include "image.h"

#include <string.h>

enum { POINTER = 0 }; /* as many bytes as a pointer has */

static const struct {
    const char *word;
    struct shape shape; /* bytes, is signed, either sign */
} kinds[] = {
    {"s", {POINTER, false, false}}, /* const char * */
    {"p", {POINTER, false, false}}, /* another pointer */
    {"w", {POINTER, false, false}}, /* unsigned long, size_t, uintptr_t */
    {"-w", {POINTER, true, false}}, /* long, intptr_t */
    {"c", {1, false, true}},        /* char */
    {"1", {1, false, false}},       {"-1", {1, true, false}},
    {"2", {2, false, false}},       {"-2", {2, true, false}},
    {"4", {4, false, false}},       {"-4", {4, true, false}},
    {"8", {8, false, false}},       {"-8", {8, true, false}},
};

/* Of the word at *at, which is advanced behind it, or NULL for no such word. */
static const struct shape *shape_at(const char **at)
{
    size_t length = strcspn(*at, " ");
    size_t i;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strlen(kinds[i].word) == length &&
            memcmp(kinds[i].word, *at, length) == 0) {
            *at += length;
            return &kinds[i].shape;
        }
    return NULL;
}

bool shapes_are_known(const char *shapes)
{
    for (;;) {
        shapes += strspn(shapes, " ");
        if (*shapes == '\0')
            return true;
        if (shape_at(&shapes) == NULL)
            return false;
    }
}

bool shape_next(struct shape *shape, const char **shapes,
                const struct image *image)
{
    const struct shape *known;

    *shapes += strspn(*shapes, " ");
    known = **shapes != '\0' ? shape_at(shapes) : NULL;
    if (known == NULL)
        return false;
    *shape = *known;
    if (shape->bytes == POINTER)
        shape->bytes = image->bits / 8;
    return true;
}
