/*
 * image.c - an executable or a library in memory: its processor, its segments,
 * and the probe sites that its notes describe. libelf knows the form of the
 * headers; that what they say lies in the file, and how much of it is read at
 * most, is seen to here.
 */
#include "check.h"

#include <gelf.h>
#include <stdlib.h>
#include <string.h>

/* What the ELF file is read from. */
struct source {
    const unsigned char *bytes;
    size_t size;
    Elf *elf;
    GElf_Ehdr header;
    size_t sections;
};

static bool is_inside(const struct source *source, uint64_t offset,
                      uint64_t size)
{
    return offset <= source->size && size <= source->size - offset;
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

static bool has_no_sections(struct reason *reason)
{
    return because(reason, "has no section headers, without which no tracer "
                           "finds its markers");
}

/*
 * How many sections there are, before libelf makes room for them: in the header
 * or, from 65,280 of them, in the first section.
 */
static bool count_sections(struct source *source, const struct image *image,
                           struct reason *reason)
{
    bool wide = image->bits == 64;
    size_t header_size = wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
    size_t entry_size = wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
    uint64_t offset;
    uint64_t count;

    if (source->size < header_size)
        return because(reason, "is cut short: it has %zu bytes", source->size);
    offset = wide ? number_at(source->bytes + 40, 8, image->big_endian)
                  : number_at(source->bytes + 32, 4, image->big_endian);
    count = number_at(source->bytes + header_size - 4, 2, image->big_endian);
    if (offset == 0)
        return has_no_sections(reason);
    if (!is_inside(source, offset, entry_size))
        return because(reason,
                       "is cut short: it has %zu bytes, and its section "
                       "headers begin at %llu",
                       source->size, (unsigned long long)offset);
    if (count == 0)
        count =
            wide ? number_at(source->bytes + offset + 32, 8, image->big_endian)
                 : number_at(source->bytes + offset + 20, 4, image->big_endian);
    if (count == 0)
        return has_no_sections(reason);
    if (count > MAX_SECTIONS)
        return because(reason,
                       "says that it has %llu sections; more than %d "
                       "are not read",
                       (unsigned long long)count, MAX_SECTIONS);
    if (!is_inside(source, offset, count * entry_size))
        return because(reason,
                       "is cut short: it has %zu bytes, and its %llu section "
                       "headers begin at %llu",
                       source->size, (unsigned long long)count,
                       (unsigned long long)offset);
    return true;
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

static bool contains(const struct segment *segment, uint64_t address,
                     uint64_t bytes)
{
    return address >= segment->address &&
           address - segment->address <= segment->size &&
           segment->size - (address - segment->address) >= bytes;
}

const struct segment *image_segment(const struct image *image, uint64_t address,
                                    uint64_t bytes)
{
    size_t i;

    for (i = 0; i < image->segment_count; i++)
        if (contains(&image->segments[i], address, bytes))
            return &image->segments[i];
    return NULL;
}

/* ---- sections ---- */

/* The section's name is compared in the file, as far as it lies there. */
static bool is_called(const struct source *source, const GElf_Shdr *names,
                      const GElf_Shdr *section, const char *name)
{
    size_t size = strlen(name) + 1;

    return section->sh_name < names->sh_size &&
           size <= names->sh_size - section->sh_name &&
           is_inside(source, names->sh_offset, names->sh_size) &&
           memcmp(source->bytes + names->sh_offset + section->sh_name, name,
                  size) == 0;
}

static bool section_header(const struct source *source, size_t number,
                           GElf_Shdr *header, struct reason *reason)
{
    Elf_Scn *section = elf_getscn(source->elf, number);

    if (section == NULL || gelf_getshdr(section, header) == NULL)
        return because(reason, "has a section %zu that cannot be read: %s",
                       number, elf_errmsg(-1));
    return true;
}

static bool read_notes_of(struct image *image, const struct source *source,
                          const GElf_Shdr *header, uint64_t base,
                          uint64_t *total, struct reason *reason)
{
    struct section section = {.base = base};

    if (!is_inside(source, header->sh_offset, header->sh_size))
        return because(reason, "has a section .note.stapsdt outside the file: "
                               "it is cut short");
    *total += header->sh_size;
    if (*total > MAX_NOTE_BYTES)
        return because(reason,
                       "has more than %d bytes of notes; these are not read",
                       MAX_NOTE_BYTES);
    section.bytes = source->bytes + header->sh_offset;
    section.size = header->sh_size;
    return notes_read(image, &section, reason);
}

static bool read_sections(struct image *image, struct source *source,
                          struct reason *reason)
{
    GElf_Shdr header, names;
    uint64_t base = 0;
    uint64_t total = 0;
    size_t name_section;
    size_t i;

    if (elf_getshdrnum(source->elf, &source->sections) != 0 ||
        elf_getshdrstrndx(source->elf, &name_section) != 0)
        return because(reason, "has section headers that cannot be read: %s",
                       elf_errmsg(-1));
    if (name_section == 0)
        return because(reason, "has no names of sections, without which no "
                               "tracer finds its markers");
    if (!section_header(source, name_section, &names, reason))
        return false;
    if (!is_inside(source, names.sh_offset, names.sh_size))
        return because(reason, "has its sections' names outside the file: it "
                               "is cut short");
    for (i = 1; i < source->sections && base == 0; i++) {
        if (!section_header(source, i, &header, reason))
            return false;
        if (is_called(source, &names, &header, ".stapsdt.base"))
            base = header.sh_addr;
    }
    image->has_base = base != 0;
    for (i = 1; i < source->sections; i++) {
        if (!section_header(source, i, &header, reason))
            return false;
        if (header.sh_type == SHT_NOTE &&
            is_called(source, &names, &header, ".note.stapsdt") &&
            !read_notes_of(image, source, &header, base, &total, reason))
            return false;
    }
    return true;
}

/* ---- all of it ---- */

static int by_name_and_address(const void *left, const void *right)
{
    const struct site *a = left;
    const struct site *b = right;
    int order = strcmp(a->provider, b->provider);

    if (order == 0)
        order = strcmp(a->name, b->name);
    if (order == 0)
        order = (a->pc > b->pc) - (a->pc < b->pc);
    return order;
}

bool image_read(struct image *image, const void *bytes, size_t size,
                struct reason *reason)
{
    struct source source = {.bytes = bytes, .size = size};
    bool good;

    memset(image, 0, sizeof(*image));
    if (!read_identity(image, &source, reason) ||
        !count_sections(&source, image, reason))
        return false;
    elf_version(EV_CURRENT);
    /* (It is not written to: the mapping of the file is read-only.) */
    source.elf = elf_memory((char *)bytes, size);
    if (source.elf == NULL ||
        gelf_getehdr(source.elf, &source.header) == NULL) {
        because(reason, "cannot be read as an ELF file: %s", elf_errmsg(-1));
        elf_end(source.elf);
        return false;
    }
    image->machine = source.header.e_machine;
    good = check_type(&source.header, reason) &&
           read_segments(image, &source, reason) &&
           read_sections(image, &source, reason);
    elf_end(source.elf);
    if (!good)
        image_free(image);
    else if (image->site_count != 0)
        qsort(image->sites, image->site_count, sizeof(*image->sites),
              by_name_and_address);
    return good;
}

void image_free(struct image *image)
{
    free(image->segments);
    free(image->sites);
    memset(image, 0, sizeof(*image));
}
