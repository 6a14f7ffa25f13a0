/* source.h - what elf.c and sections.c share: the file that they read. */
/* SPDX-License-Identifier: MIT */
#ifndef PYTRACE_SOURCE_H
#define PYTRACE_SOURCE_H

#include "image.h"

#include <gelf.h>

struct source {
    const unsigned char *bytes;
    size_t size;
    Elf *elf;
    GElf_Ehdr header;
    size_t sections;
};

bool is_inside(const struct source *source, uint64_t offset, uint64_t size);
bool segment_has(const struct segment *segment, uint64_t address,
                 uint64_t bytes);
/* Whether as many sections as the file says it has can be read at all. */
bool sections_count(const struct source *source, const struct image *image,
                    struct reason *reason);
bool sections_read(struct image *image, struct source *source,
                   struct reason *reason);

#endif
