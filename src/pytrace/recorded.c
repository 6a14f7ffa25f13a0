/*
 * recorded.c - the hosts of a recording (recorded.h).
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "recorded.h"
#include "image.h"
#include "words.h"

#include <ctype.h>
#include <stdlib.h>

enum { EVENT_HEADER = 16 }; /* with the first word of the first argument */

const char *take_text(const unsigned char **at, const unsigned char *end)
{
    const char *text = (const char *)*at;
    const unsigned char *nul = memchr(*at, '\0', (size_t)(end - *at));

    if (nul == NULL)
        return NULL;
    *at = nul + 1;
    return text;
}

/* ---- arguments ---- */

static bool is_of_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/*
 * The type and the name of the next declaration, "const char *name", of the
 * list at *text, which is moved behind it. A name is the last word.
 */
static void read_declaration(struct argument *argument, const char **text,
                             size_t number)
{
    const char *begin = *text + strspn(*text, " ");
    const char *end = begin + strcspn(begin, ",");
    const char *name = end;

    *text = *end == ',' ? end + 1 : end;
    while (end > begin && end[-1] == ' ')
        end--;
    name = end;
    while (name > begin && is_of_name(name[-1]))
        name--;
    if (name == end || name == begin) {
        argument->name = formatted("arg%zu", number + 1);
        name = end;
    } else {
        argument->name = formatted("%.*s", (int)(end - name), name);
    }
    while (name > begin && name[-1] == ' ')
        name--;
    argument->type = formatted("%.*s", (int)(name - begin), begin);
}

static enum argument_kind kind_of(char word, const struct shape *shape)
{
    if (word == 's')
        return ARGUMENT_STRING;
    if (word == 'p')
        return ARGUMENT_POINTER;
    /* (What is short has been extended, as its type says, to 32 bits.) */
    return shape->is_signed || shape->either_sign ? ARGUMENT_SIGNED
                                                  : ARGUMENT_UNSIGNED;
}

/* Says what is wrong with them, or NULL. */
static const char *read_arguments(struct recorded_marker *marker,
                                  const char *shapes, unsigned pointer)
{
    const struct image image = {.bits = 8 * pointer};
    const char *text = marker->declaration;
    struct shape shape;
    size_t words = 0;

    if (!shapes_are_known(shapes))
        return "has an argument of a kind that is not known here";
    for (;;) {
        struct argument *argument = &marker->arguments[marker->count];
        char word = shapes[strspn(shapes, " ")];

        if (!shape_next(&shape, &shapes, &image))
            break;
        if (marker->count == MAX_ARGUMENTS)
            return "has a marker with too many arguments";
        argument->kind = kind_of(word, &shape);
        argument->is_wide =
            argument->kind != ARGUMENT_STRING && shape.bytes == 8;
        words += argument->is_wide ? 2 : 1;
        read_declaration(argument, &text, marker->count);
        marker->count++;
    }
    marker->bytes = EVENT_HEADER + (words > 1 ? 4 * (words - 1) : 0);
    return NULL;
}

/* ---- a host ---- */

static const char *read_markers(struct recorded_host *host,
                                const unsigned char *at,
                                const unsigned char *end, unsigned pointer)
{
    size_t i;

    for (i = 0; i < host->count; i++) {
        struct recorded_marker *marker = &host->markers[i];
        const char *shapes, *wrong;

        marker->name = take_text(&at, end);
        shapes = marker->name != NULL ? take_text(&at, end) : NULL;
        marker->declaration = shapes != NULL ? take_text(&at, end) : NULL;
        marker->group =
            marker->declaration != NULL ? take_text(&at, end) : NULL;
        if (marker->group == NULL)
            return "has strings that do not end";
        wrong = read_arguments(marker, shapes, pointer);
        if (wrong != NULL)
            return wrong;
    }
    return NULL;
}

static const char *read_host(struct recorded_host *host,
                             const unsigned char *at, size_t size, bool swapped)
{
    const unsigned char *end = at + size;
    uint32_t pointer, count;

    if (size < 8)
        return "is too short";
    pointer = load32(at, swapped);
    count = load32(at + 4, swapped);
    if (pointer != 4 && pointer != 8)
        return "has pointers of a size that is neither 4 nor 8 bytes";
    at += 8;
    host->library = take_text(&at, end);
    host->provider = host->library != NULL ? take_text(&at, end) : NULL;
    host->file = host->provider != NULL ? take_text(&at, end) : NULL;
    if (host->file == NULL)
        return "has strings that do not end";
    if (count > MAX_MARKERS || count > (size_t)(end - at) / 4)
        return "is too short for its markers";
    host->markers = allocate(count, sizeof(*host->markers));
    host->count = count;
    return read_markers(host, at, end, pointer);
}

struct recorded_host *host_read(const unsigned char *at, size_t size,
                                bool swapped, struct reason *reason)
{
    struct recorded_host *host = allocate(1, sizeof(*host));
    const char *wrong;

    host->text = allocate(size, 1);
    memcpy(host->text, at, size);
    wrong = read_host(host, host->text, size, swapped);
    if (wrong != NULL) {
        because(reason, "%s", wrong);
        host_free(host);
        return NULL;
    }
    return host;
}

void host_free(struct recorded_host *host)
{
    size_t i, j;

    if (host == NULL)
        return;
    for (i = 0; i < host->count; i++)
        for (j = 0; j < host->markers[i].count; j++) {
            free(host->markers[i].arguments[j].type);
            free(host->markers[i].arguments[j].name);
        }
    free(host->markers);
    free(host->text);
    free(host);
}
