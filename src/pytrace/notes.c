/*
 * notes.c - the notes of two sections, as structures.
 *
 * .note.stapsdt is for tracers, by sys/sdt.h: the owner "stapsdt" and the type
 * 3; three words of the file's own size (the probe's address, the address of
 * section .stapsdt.base at the time of linking, the semaphore's), and three
 * strings (provider, name, arguments).
 *
 * .note.pytrace is how a host describes itself, by the runtime and the header:
 * the owner "pytrace", and a type. 1 is the host: its version, its number of
 * markers, and words that are addresses relative to themselves (the control
 * block's and each semaphore's, 0 for none); then strings (the library's
 * version, the provider, and four for each marker). 2 and 3 say which markers
 * a source fires, or calls by itself: the provider, and the marker's name.
 *
 * SPDX-License-Identifier: MIT
 */
#include "image.h"

#include <stdlib.h>
#include <string.h>

enum {
    HEADER = 12,
    STAPSDT = 3,
    HOST = 1,
    FIRES = 2,
    CALLS = 3,
    HOST_VERSION = 1
};

static size_t padded(uint64_t size)
{
    return (size + 3) & ~(uint64_t)3;
}

/* ---- what a note is made of ---- */

/* Where a note's description is being read. */
struct cursor {
    const struct image *image;
    const unsigned char *at, *end;
    uint64_t address; /* of at */
};

static size_t left_of(const struct cursor *cursor)
{
    return (size_t)(cursor->end - cursor->at);
}

/* The next number. There must be as many bytes. */
static uint64_t take_number(struct cursor *cursor, unsigned bytes)
{
    uint64_t number = number_at(cursor->at, bytes, cursor->image->big_endian);

    cursor->at += bytes;
    cursor->address += bytes;
    return number;
}

/* An address in the file's own size. */
static uint64_t as_address(const struct image *image, uint64_t address)
{
    return image->bits == 32 ? (uint32_t)address : address;
}

/* An address that is relative to its own word, or 0 for none. */
static uint64_t take_relative(struct cursor *cursor)
{
    uint64_t here = cursor->address;
    uint64_t word = take_number(cursor, cursor->image->bits / 8);

    return word != 0 ? as_address(cursor->image, here + word) : 0;
}

/* The next string, or NULL when it does not end. */
static const char *take_string(struct cursor *cursor)
{
    const char *string = (const char *)cursor->at;
    const char *nul = memchr(string, '\0', left_of(cursor));

    if (nul == NULL)
        return NULL;
    cursor->address += (uint64_t)(nul + 1 - string);
    cursor->at += nul + 1 - string;
    return string;
}

/* All of them; false when one does not end. */
static bool take_strings(struct cursor *cursor, const char **const strings[],
                         size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        *strings[i] = take_string(cursor);
        if (*strings[i] == NULL)
            return false;
    }
    return true;
}

static const char no_end[] = "has strings that do not end";
static const char no_name[] = "has no provider or no name";

/* ---- .note.stapsdt ---- */

/* An address after prelink. A 0 stands for none. */
static uint64_t moved_address(const struct image *image, uint64_t address,
                              uint64_t moved)
{
    return address != 0 ? as_address(image, address + moved) : 0;
}

/* Take a site over; says what is wrong with it, or NULL. */
static const char *read_site(struct image *image, struct cursor *cursor,
                             const struct section *section)
{
    struct site site = {0};
    const char **const strings[] = {&site.provider, &site.name,
                                    &site.arguments};
    unsigned word = image->bits / 8;
    uint64_t pc, base, semaphore;
    uint64_t moved;

    if (left_of(cursor) < 3 * word)
        return "is too short for its three addresses";
    pc = take_number(cursor, word);
    base = take_number(cursor, word);
    semaphore = take_number(cursor, word);
    moved = section->base != 0 && base != 0 ? section->base - base : 0;
    site.pc = moved_address(image, pc, moved);
    site.semaphore = moved_address(image, semaphore, moved);
    if (!take_strings(cursor, strings, 3))
        return no_end;
    if (*site.provider == '\0' || *site.name == '\0')
        return no_name;
    image->sites =
        grown(image->sites, image->site_count, sizeof(*image->sites));
    image->sites[image->site_count++] = site;
    return NULL;
}

/* ---- .note.pytrace ---- */

/* The strings of the host's markers; says what is wrong with them, or NULL. */
static const char *read_markers(struct host *host, struct cursor *cursor)
{
    size_t i;

    for (i = 0; i < host->count; i++) {
        struct marker *marker = &host->markers[i];
        const char **const strings[] = {&marker->name, &marker->shapes,
                                        &marker->arguments, &marker->group};

        if (!take_strings(cursor, strings, 4))
            return no_end;
        if (*marker->name == '\0')
            return no_name;
        if (!shapes_are_known(marker->shapes))
            return "has an argument of a kind that is not known here";
    }
    return NULL;
}

/* Take a host over; says what is wrong with it, or NULL. */
static const char *read_host(struct image *image, struct cursor *cursor)
{
    struct host host = {0};
    const char **const strings[] = {&host.library, &host.provider};
    unsigned word = image->bits / 8;
    const char *wrong;
    size_t i;

    if (left_of(cursor) < 4)
        return "is too short for its version";
    if (take_number(cursor, 4) != HOST_VERSION)
        return "is of a later version: it was made by a newer pytrace, "
               "which reads it";
    if (left_of(cursor) < 4 + word)
        return "is too short for its number of markers";
    host.count = take_number(cursor, 4);
    if (host.count == 0)
        return "has no markers";
    host.control = take_relative(cursor);
    if (host.count > left_of(cursor) / word)
        return "is too short for its markers";
    image->marker_count += host.count;
    if (image->marker_count > MAX_MARKERS)
        return "brings the file to more markers than are read";
    host.markers = allocate(host.count, sizeof(*host.markers));
    for (i = 0; i < host.count; i++)
        host.markers[i].semaphore = take_relative(cursor);
    if (!take_strings(cursor, strings, 2))
        wrong = no_end;
    else if (*host.provider == '\0')
        wrong = no_name;
    else
        wrong = read_markers(&host, cursor);
    if (wrong != NULL) {
        free(host.markers);
        return wrong;
    }
    image->hosts =
        grown(image->hosts, image->host_count, sizeof(*image->hosts));
    image->hosts[image->host_count++] = host;
    return NULL;
}

/* Take a use over; says what is wrong with it, or NULL. */
static const char *read_use(struct image *image, struct cursor *cursor,
                            bool is_fired)
{
    struct use use = {.is_fired = is_fired, .is_called = !is_fired};
    const char **const strings[] = {&use.provider, &use.marker};

    if (!take_strings(cursor, strings, 2))
        return no_end;
    if (*use.provider == '\0' || *use.marker == '\0')
        return no_name;
    image->uses = grown(image->uses, image->use_count, sizeof(*image->uses));
    image->uses[image->use_count++] = use;
    return NULL;
}

/* ---- a section ---- */

static bool is_owner(const unsigned char *name, size_t size, const char *owner)
{
    return size == strlen(owner) + 1 && memcmp(name, owner, size) == 0;
}

/* Notes of other owners and types are passed over. */
static const char *read_note(struct image *image, struct cursor *cursor,
                             const struct section *section,
                             const unsigned char *name, size_t name_size,
                             uint64_t type)
{
    if (is_owner(name, name_size, "stapsdt") && type == STAPSDT)
        return read_site(image, cursor, section);
    if (!is_owner(name, name_size, "pytrace"))
        return NULL;
    if (type == HOST)
        return read_host(image, cursor);
    if (type == FIRES || type == CALLS)
        return read_use(image, cursor, type == FIRES);
    return NULL;
}

bool notes_read(struct image *image, const struct section *section,
                struct reason *reason)
{
    size_t at = 0;
    size_t number = 0;

    while (at < section->size) {
        const unsigned char *note = section->bytes + at;
        size_t left = section->size - at;
        struct cursor cursor = {.image = image};
        uint64_t name_size, size, type;
        const char *wrong;

        /* (Linkers may pad between what comes from two objects.) */
        if (left >= 4 && number_at(note, 4, false) == 0) {
            at += 4;
            continue;
        }
        number++;
        if (left < HEADER)
            return because(reason,
                           "note %zu in %s is cut short: "
                           "%zu bytes of its %d are left",
                           number, section->name, left, HEADER);
        name_size = number_at(note, 4, image->big_endian);
        size = number_at(note + 4, 4, image->big_endian);
        type = number_at(note + 8, 4, image->big_endian);
        left -= HEADER;
        /* The last one need not be padded. */
        if (padded(name_size) > left || size > left - padded(name_size))
            return because(reason,
                           "note %zu in %s is cut short: its sizes "
                           "are %llu and %llu, and %zu bytes are left",
                           number, section->name, (unsigned long long)name_size,
                           (unsigned long long)size, left);
        note += HEADER;
        cursor.at = note + padded(name_size);
        cursor.end = cursor.at + size;
        cursor.address = section->address + at + HEADER + padded(name_size);
        at += HEADER + padded(name_size) + padded(size);
        wrong = read_note(image, &cursor, section, note, name_size, type);
        if (wrong != NULL)
            return because(reason, "note %zu in %s %s", number, section->name,
                           wrong);
    }
    return true;
}

/* ---- their order ---- */

int compare_names(const char *provider, const char *name,
                  const char *other_provider, const char *other_name)
{
    int order = strcmp(provider, other_provider);

    return order != 0 ? order : strcmp(name, other_name);
}

static int by_name_and_address(const void *left, const void *right)
{
    const struct site *a = left;
    const struct site *b = right;
    int order = compare_names(a->provider, a->name, b->provider, b->name);

    return order != 0 ? order : (a->pc > b->pc) - (a->pc < b->pc);
}

/* Those of one provider as they are in the file. */
static int by_provider(const void *left, const void *right)
{
    const struct host *a = left;
    const struct host *b = right;
    int order = strcmp(a->provider, b->provider);

    return order != 0
               ? order
               : (a->provider > b->provider) - (a->provider < b->provider);
}

static int by_provider_and_marker(const void *left, const void *right)
{
    const struct use *a = left;
    const struct use *b = right;

    return compare_names(a->provider, a->marker, b->provider, b->marker);
}

static void order(void *array, size_t count, size_t size,
                  int (*compare)(const void *, const void *))
{
    if (count != 0)
        qsort(array, count, size, compare);
}

void notes_order(struct image *image)
{
    size_t kept = 0;
    size_t i;

    order(image->sites, image->site_count, sizeof(*image->sites),
          by_name_and_address);
    order(image->hosts, image->host_count, sizeof(*image->hosts), by_provider);
    order(image->uses, image->use_count, sizeof(*image->uses),
          by_provider_and_marker);
    for (i = 0; i < image->use_count; i++) {
        const struct use *use = &image->uses[i];

        if (kept == 0 ||
            by_provider_and_marker(&image->uses[kept - 1], use) != 0) {
            image->uses[kept++] = *use;
        } else {
            image->uses[kept - 1].is_fired |= use->is_fired;
            image->uses[kept - 1].is_called |= use->is_called;
        }
    }
    image->use_count = kept;
}
