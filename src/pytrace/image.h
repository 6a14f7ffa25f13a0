/*
 * image.h - an executable or a library, as its ELF file describes it: the
 * segments, the probe sites of .note.stapsdt, and the pytrace hosts of
 * .note.pytrace. What all of that means is judge.h's.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_IMAGE_H
#define PYTRACE_IMAGE_H

#include "base.h"

enum {
    /* The most that is read of one file, whatever it says of itself. */
    MAX_SECTIONS = 65536,
    MAX_SEGMENTS = 2048,      /* (Linux runs no file with more) */
    MAX_SYMBOLS = 1 << 20,    /* read only where BOLT has been at work */
    MAX_MARKERS = 65536,      /* of all hosts together */
    MAX_NOTE_BYTES = 4 << 20, /* in all sections of notes together */
};

/* A part of the file that is mapped to be run, or an optimiser's leftover. */
struct segment {
    uint64_t address, size; /* in memory */
    uint64_t offset, file_size;
    bool writable, executable;
};

/* A probe site, as its note describes it. The strings are in the file. */
struct site {
    const char *provider, *name, *arguments;
    uint64_t pc, semaphore; /* addresses in the file; semaphore 0: none */
    bool is_expected;       /* by a host (judge.c) */
};

/* The argument of a marker, as the definition has it. */
struct shape {
    unsigned bytes;
    bool is_signed;
    bool either_sign; /* a plain char, whose sign the processor decides */
};

/* A marker, as its host describes it. The strings are in the file. */
struct marker {
    const char *name;
    const char *shapes;    /* one word for each argument (shape_next) */
    const char *arguments; /* "const char *filename, int lineno" */
    const char *group;     /* "" where it has none */
    uint64_t semaphore;    /* its address in the file; 0: none */
};

/* A runtime that is linked in. The strings are in the file. */
struct host {
    const char *library; /* its version, such as "1.0.0" */
    const char *provider;
    struct marker *markers;
    size_t count;
    uint64_t control; /* the recorder's control block; 0: none */
};

/* That a source of the host uses a marker. The strings are in the file. */
struct use {
    const char *provider, *marker;
    bool is_fired;  /* by its macro */
    bool is_called; /* or by the function behind that */
    bool is_known;  /* as a marker of a host (judge.c) */
};

/* Code that a post-link optimiser (BOLT) has moved. */
struct moved {
    bool is_moved;
    struct segment old; /* the section .bolt.org.text, where there is one */
    /* The functions that the symbol table has, ordered by address. */
    struct function {
        uint64_t address, size;
    } * functions;
    size_t function_count;
};

struct image {
    const unsigned char *bytes; /* the file */
    size_t size;
    unsigned bits; /* 32 or 64 */
    bool big_endian;
    bool code_is_little; /* instructions are, though data are not (ARM) */
    unsigned machine;    /* EM_X86_64 and so on */
    struct segment *segments;
    size_t segment_count;
    struct segment relro; /* made read-only when the program has started */
    bool has_base;        /* has the section .stapsdt.base */
    uint64_t python;      /* where CPython's state is (.PyRuntime), or 0 */
    struct moved moved;
    struct site *sites; /* ordered by provider, name and pc */
    size_t site_count;
    struct host *hosts;              /* ordered by provider */
    size_t host_count, marker_count; /* markers: of all hosts */
    struct use *uses; /* ordered by provider and marker; each once */
    size_t use_count;
};

/* ---- elf.c ---- */

/* bytes must stay as long as the image does. */
bool image_read(struct image *image, const void *bytes, size_t size,
                struct reason *reason);
void image_free(struct image *image);
/* The segment that has all of the bytes at address, or NULL. */
const struct segment *image_segment(const struct image *image, uint64_t address,
                                    uint64_t bytes);

/* ---- notes.c: the notes of one section, appended to the image's own ---- */

struct section {
    const char *name;
    const unsigned char *bytes;
    size_t size;
    uint64_t address; /* in memory */
    uint64_t base;    /* where .stapsdt.base is now; 0 when there is none */
};

bool notes_read(struct image *image, const struct section *section,
                struct reason *reason);
/* Once all have been read: into the orders that struct image promises. */
void notes_order(struct image *image);
/* Of the two names, the order in which sites and uses are kept. */
int compare_names(const char *provider, const char *name,
                  const char *other_provider, const char *other_name);

/* ---- shapes.c: the types of arguments, as a host's note has them ---- */

bool shapes_are_known(const char *shapes);
/* The next of *shapes, which is advanced; false at the end. */
bool shape_next(struct shape *shape, const char **shapes,
                const struct image *image);

#endif
