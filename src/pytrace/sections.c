/*
 * sections.c - the sections of an ELF file that matter: those with notes, which
 * notes.c reads, and where BOLT has been at work, the symbols of functions.
 *
 * SPDX-License-Identifier: MIT
 */
#include "source.h"

#include <stdlib.h>
#include <string.h>

/* ---- how many there are ---- */

static bool has_no_sections(struct reason *reason)
{
    return because(reason, "has no section headers, without which no tracer "
                           "finds its markers");
}

/*
 * How many sections there are, before libelf makes room for them: in the header
 * or, from 65,280 of them, in the first section.
 */
bool sections_count(const struct source *source, const struct image *image,
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

/* ---- functions ---- */

static int by_address(const void *left, const void *right)
{
    const struct function *a = left;
    const struct function *b = right;

    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    return (a->size > b->size) - (a->size < b->size);
}

/* Those of the symbol table that lie where the moved code was. */
static void read_functions(struct image *image, const struct source *source,
                           const GElf_Shdr *table)
{
    struct moved *moved = &image->moved;
    bool wide = image->bits == 64;
    size_t entry = wide ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
    size_t value =
        wide ? offsetof(Elf64_Sym, st_value) : offsetof(Elf32_Sym, st_value);
    size_t size =
        wide ? offsetof(Elf64_Sym, st_size) : offsetof(Elf32_Sym, st_size);
    size_t info =
        wide ? offsetof(Elf64_Sym, st_info) : offsetof(Elf32_Sym, st_info);
    size_t i;

    if (!is_inside(source, table->sh_offset, table->sh_size))
        return;
    for (i = 0; i < table->sh_size / entry && i < MAX_SYMBOLS; i++) {
        const unsigned char *symbol =
            source->bytes + table->sh_offset + i * entry;
        struct function function = {
            number_at(symbol + value, image->bits / 8, image->big_endian),
            number_at(symbol + size, image->bits / 8, image->big_endian)};

        if (ELF64_ST_TYPE(symbol[info]) != STT_FUNC ||
            !segment_has(&moved->old, function.address, 1))
            continue;
        moved->functions = grown(moved->functions, moved->function_count,
                                 sizeof(*moved->functions));
        moved->functions[moved->function_count++] = function;
    }
    if (moved->function_count != 0)
        qsort(moved->functions, moved->function_count,
              sizeof(*moved->functions), by_address);
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

/* Where the sections' names are, and what is found by them. */
struct sections {
    GElf_Shdr names;
    GElf_Shdr symbols; /* sh_size 0: there is no .symtab */
    uint64_t base;     /* of .stapsdt.base */
    uint64_t notes;    /* bytes of them, so far */
    bool has_code, has_nobits_code;
};

static bool read_notes_of(struct image *image, const struct source *source,
                          const GElf_Shdr *header, const char *name,
                          struct sections *sections, struct reason *reason)
{
    struct section section = {.name = name, .base = sections->base};

    if ((header->sh_flags & SHF_COMPRESSED) != 0)
        return because(reason,
                       "has a section %s that is compressed, so that no "
                       "tracer reads it",
                       name);
    if (!is_inside(source, header->sh_offset, header->sh_size))
        return because(
            reason, "has a section %s outside the file: it is cut short", name);
    sections->notes += header->sh_size;
    if (sections->notes > MAX_NOTE_BYTES)
        return because(reason,
                       "has more than %d bytes of notes; these are not read",
                       MAX_NOTE_BYTES);
    section.bytes = source->bytes + header->sh_offset;
    section.size = header->sh_size;
    section.address = header->sh_addr;
    return notes_read(image, &section, reason);
}

/* What has to be known before the notes are read. */
static void look_at(struct image *image, const struct source *source,
                    const GElf_Shdr *header, struct sections *sections)
{
    if ((header->sh_flags & SHF_ALLOC) != 0 &&
        (header->sh_flags & SHF_EXECINSTR) != 0) {
        if (header->sh_type == SHT_NOBITS)
            sections->has_nobits_code = true;
        else
            sections->has_code = true;
    }
    if (header->sh_type == SHT_SYMTAB)
        sections->symbols = *header;
    else if (sections->base == 0 &&
             is_called(source, &sections->names, header, ".stapsdt.base"))
        sections->base = header->sh_addr;
    else if (is_called(source, &sections->names, header, ".PyRuntime"))
        image->python = header->sh_addr;
    else if (is_called(source, &sections->names, header, ".note.bolt_info"))
        image->moved.is_moved = true;
    else if (is_called(source, &sections->names, header, ".bolt.org.text"))
        image->moved.old = (struct segment){.address = header->sh_addr,
                                            .size = header->sh_size};
}

static bool find_names(struct source *source, struct sections *sections,
                       struct reason *reason)
{
    size_t number;

    if (elf_getshdrnum(source->elf, &source->sections) != 0 ||
        elf_getshdrstrndx(source->elf, &number) != 0)
        return because(reason, "has section headers that cannot be read: %s",
                       elf_errmsg(-1));
    if (number == 0)
        return because(reason, "has no names of sections, without which no "
                               "tracer finds its markers");
    if (!section_header(source, number, &sections->names, reason))
        return false;
    if (!is_inside(source, sections->names.sh_offset, sections->names.sh_size))
        return because(reason, "has its sections' names outside the file: it "
                               "is cut short");
    return true;
}

bool sections_read(struct image *image, struct source *source,
                   struct reason *reason)
{
    static const char *const notes[] = {".note.stapsdt", ".note.pytrace"};
    struct sections sections = {0};
    GElf_Shdr header;
    size_t i, j;

    if (!find_names(source, &sections, reason))
        return false;
    for (i = 1; i < source->sections; i++) {
        if (!section_header(source, i, &header, reason))
            return false;
        look_at(image, source, &header, &sections);
    }
    if (sections.has_nobits_code && !sections.has_code)
        return because(reason, "is a separate debug file, without the code; "
                               "check the program or library that it is of");
    image->has_base = sections.base != 0;
    if (image->moved.is_moved)
        read_functions(image, source, &sections.symbols);
    for (i = 1; i < source->sections; i++) {
        if (!section_header(source, i, &header, reason))
            return false;
        for (j = 0; j < 2; j++)
            if (header.sh_type == SHT_NOTE &&
                is_called(source, &sections.names, &header, notes[j]) &&
                !read_notes_of(image, source, &header, notes[j], &sections,
                               reason))
                return false;
    }
    return true;
}
