/*
 * elf.c - an executable or a library in memory: its processor and its
 * segments; sections.c does the rest. libelf knows the form of the headers.
 * These two files see to it that what they say lies in the file, and limit how
 * much of it is read.
 *
 * SPDX-License-Identifier: MIT
 */
#include "image.h"
#include "processor.h"
#include "source.h"

#include <stdlib.h>
#include <string.h>

bool is_inside(const struct source *source, uint64_t offset, uint64_t size)
{
    return offset <= source->size && size <= source->size - offset;
}

bool segment_has(const struct segment *segment, uint64_t address,
                 uint64_t bytes)
{
    return address >= segment->address &&
           address - segment->address <= segment->size &&
           segment->size - (address - segment->address) >= bytes;
}

/* ---- the header ---- */

static bool begins_with(const struct source *source, const char *text)
{
    return source->size >= strlen(text) &&
           memcmp(source->bytes, text, strlen(text)) == 0;
}

static bool read_identity(struct image *image, const struct source *source,
                          struct reason *reason)
{
    const unsigned char *identity = source->bytes;

    if (begins_with(source, "!<arch>\n") || begins_with(source, "!<thin>\n"))
        return because(reason,
                       "is an archive of object files, which nothing traces; "
                       "check the program or library that is linked with it");
    if (!begins_with(source, ELFMAG))
        return because(reason, "is not an ELF file");
    if (source->size < EI_NIDENT)
        return because(reason, "is cut short: it has %zu bytes", source->size);
    if (identity[EI_CLASS] != ELFCLASS32 && identity[EI_CLASS] != ELFCLASS64)
        return because(reason, "is an ELF file of the unknown class %d",
                       identity[EI_CLASS]);
    if (identity[EI_DATA] != ELFDATA2LSB && identity[EI_DATA] != ELFDATA2MSB)
        return because(reason, "is an ELF file of the unknown byte order %d",
                       identity[EI_DATA]);
    image->bits = identity[EI_CLASS] == ELFCLASS64 ? 64 : 32;
    image->big_endian = identity[EI_DATA] == ELFDATA2MSB;
    return true;
}

static bool check_type(const GElf_Ehdr *header, struct reason *reason)
{
    switch (header->e_type) {
    case ET_EXEC:
    case ET_DYN: return true;
    case ET_REL:
        return because(reason, "is an object file, whose addresses are not "
                               "known yet; check what is linked from it");
    case ET_CORE:
        return because(reason, "is a core dump, which has no notes of markers; "
                               "check the program that it is of");
    default:
        return because(reason,
                       "is an ELF file of type %d, neither an executable nor "
                       "a library",
                       header->e_type);
    }
}

/* ---- segments ---- */

static struct segment segment_of(const GElf_Phdr *header)
{
    struct segment segment = {
        .address = header->p_vaddr,
        .size = header->p_memsz,
        .offset = header->p_offset,
        .file_size = header->p_filesz,
        .writable = (header->p_flags & PF_W) != 0,
        .executable = (header->p_flags & PF_X) != 0,
    };

    return segment;
}

static bool read_segments(struct image *image, const struct source *source,
                          struct reason *reason)
{
    GElf_Phdr header;
    size_t count;
    size_t i;

    if (elf_getphdrnum(source->elf, &count) != 0)
        return because(reason, "has program headers that cannot be read: %s",
                       elf_errmsg(-1));
    if (count > MAX_SEGMENTS)
        return because(reason,
                       "says that it has %zu segments; more than %d "
                       "are not read",
                       count, MAX_SEGMENTS);
    image->segments = allocate(count, sizeof(*image->segments));
    for (i = 0; i < count; i++) {
        if (gelf_getphdr(source->elf, (int)i, &header) == NULL)
            return because(reason,
                           "has a program header %zu that cannot be "
                           "read: %s",
                           i, elf_errmsg(-1));
        if (header.p_type == PT_LOAD)
            image->segments[image->segment_count++] = segment_of(&header);
        else if (header.p_type == PT_GNU_RELRO)
            image->relro = segment_of(&header);
    }
    return true;
}

const struct segment *image_segment(const struct image *image, uint64_t address,
                                    uint64_t bytes)
{
    size_t i;

    for (i = 0; i < image->segment_count; i++)
        if (segment_has(&image->segments[i], address, bytes))
            return &image->segments[i];
    return NULL;
}

/* ---- all of it ---- */

bool image_read(struct image *image, const void *bytes, size_t size,
                struct reason *reason)
{
    struct source source = {.bytes = bytes, .size = size};
    bool good;

    memset(image, 0, sizeof(*image));
    image->bytes = bytes;
    image->size = size;
    if (!read_identity(image, &source, reason) ||
        !sections_count(&source, image, reason))
        return false;
    elf_version(EV_CURRENT);
    /* (libelf does not write to it.) */
    source.elf = elf_memory((char *)bytes, size);
    if (source.elf == NULL ||
        gelf_getehdr(source.elf, &source.header) == NULL) {
        because(reason, "cannot be read as an ELF file: %s", elf_errmsg(-1));
        elf_end(source.elf);
        return false;
    }
    image->machine = source.header.e_machine;
    image->code_is_little =
        processor_code_is_little(image->machine, source.header.e_flags);
    good = check_type(&source.header, reason) &&
           read_segments(image, &source, reason) &&
           sections_read(image, &source, reason);
    elf_end(source.elf);
    if (!good)
        image_free(image);
    else
        notes_order(image);
    return good;
}

void image_free(struct image *image)
{
    size_t i;

    for (i = 0; i < image->host_count; i++)
        free(image->hosts[i].markers);
    free(image->segments);
    free(image->moved.functions);
    free(image->sites);
    free(image->hosts);
    free(image->uses);
    memset(image, 0, sizeof(*image));
}
