/*
 * notes.c - the notes of a section .note.stapsdt, as sys/sdt.h writes them: the
 * owner "stapsdt" and the type 3; three words of the file's own size (the
 * probe's address, that of the section .stapsdt.base at the time of linking,
 * the semaphore's), and three strings (provider, name, arguments).
 */
#include "check.h"

#include <string.h>

enum { HEADER = 12, NOTE_TYPE = 3 };

static const char owner[] = "stapsdt";

static size_t padded(uint64_t size)
{
    return (size + 3) & ~(uint64_t)3;
}

/* The string at *at, which is advanced behind it, or NULL. */
static const char *string_at(const char **at, const char *end)
{
    const char *string = *at;
    const char *nul = memchr(string, '\0', (size_t)(end - string));

    if (nul == NULL)
        return NULL;
    *at = nul + 1;
    return string;
}

/* An address after prelink, in the file's own size. A 0 stands for none. */
static uint64_t moved_address(const struct image *image, uint64_t address,
                              uint64_t moved)
{
    if (address == 0)
        return 0;
    address += moved;
    return image->bits == 32 ? (uint32_t)address : address;
}

/* The words and strings of a note, or what is wrong with them. */
static const char *describe(struct site *site, const struct image *image,
                            const struct section *section,
                            const unsigned char *description, size_t size)
{
    unsigned word = image->bits / 8;
    const char *at = (const char *)description + 3 * word;
    const char *end = (const char *)description + size;
    uint64_t base;
    uint64_t moved;

    if (size < 3 * word)
        return "is too short for its three addresses";
    site->provider = string_at(&at, end);
    site->name = site->provider != NULL ? string_at(&at, end) : NULL;
    site->arguments = site->name != NULL ? string_at(&at, end) : NULL;
    if (site->arguments == NULL)
        return "has strings that do not end";
    if (*site->provider == '\0' || *site->name == '\0')
        return "has no provider or no name";
    base = number_at(description + word, word, image->big_endian);
    moved = section->base != 0 && base != 0 ? section->base - base : 0;
    site->pc = moved_address(
        image, number_at(description, word, image->big_endian), moved);
    site->semaphore = moved_address(
        image, number_at(description + 2 * word, word, image->big_endian),
        moved);
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
        uint64_t name_size, size, type;
        struct site site = {0};
        const char *wrong;

        number++;
        if (left < HEADER)
            return because(reason,
                           "note %zu in .note.stapsdt is cut short: "
                           "%zu bytes of its %d are left",
                           number, left, HEADER);
        name_size = number_at(note, 4, image->big_endian);
        size = number_at(note + 4, 4, image->big_endian);
        type = number_at(note + 8, 4, image->big_endian);
        left -= HEADER;
        /* The last one need not be padded. */
        if (padded(name_size) > left || size > left - padded(name_size))
            return because(reason,
                           "note %zu in .note.stapsdt is cut short: its sizes "
                           "are %llu and %llu, and %zu bytes are left",
                           number, (unsigned long long)name_size,
                           (unsigned long long)size, left);
        note += HEADER;
        at += HEADER + padded(name_size) + padded(size);
        if (type != NOTE_TYPE || name_size != sizeof(owner) ||
            memcmp(note, owner, sizeof(owner)) != 0)
            continue;
        wrong = describe(&site, image, section, note + padded(name_size), size);
        if (wrong != NULL)
            return because(reason, "note %zu in .note.stapsdt %s", number,
                           wrong);
        image->sites =
            grown(image->sites, image->site_count, sizeof(*image->sites));
        image->sites[image->site_count++] = site;
    }
    return true;
}
