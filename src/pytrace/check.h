/*
 * check.h - what the parts of pytrace-check share. Each part is a file, named
 * before its functions; main.c says how they work together.
 */
#ifndef PYTRACE_CHECK_H
#define PYTRACE_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
    /* The most that is read of one file, whatever it says of itself. */
    MAX_SECTIONS = 65536,
    MAX_SEGMENTS = 2048,          /* (Linux runs no file with more) */
    MAX_NOTE_BYTES = 4 << 20,     /* in all sections of notes together */
    MAX_DEFINITION_BYTES = 65536, /* of --probes=FILE */
    MAX_MAPPINGS = 65536,         /* of files, in a process */

    MAX_ARGUMENTS = 6,  /* that fit in registers */
    MAX_SHORTFALLS = 8, /* that are said of one marker */
};

/* ---- memory.c: never NULL; ends the program when there is no memory ---- */

void *allocate(size_t count, size_t size); /* zeroed */
/* The array with room for one more; its capacity is a power of two. */
void *grown(void *array, size_t count, size_t size);
char *formatted(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- reason.c: why something cannot be read ---- */

struct reason {
    char text[512];
};

/* Fill in the text. Returns false, which most callers return in turn. */
bool because(struct reason *reason, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- definition.c: the markers that a file should have ---- */

struct expected_argument {
    unsigned bytes; /* 0 stands for those of a pointer, which a long has too */
    bool is_signed;
    bool either_sign; /* a plain char, whose sign the processor decides */
};

struct expected_marker {
    const char *name;
    unsigned argument_count;
    struct expected_argument arguments[MAX_ARGUMENTS];
};

struct definition {
    const char *provider;
    const struct expected_marker *markers;
    size_t count;
};

/* The one that pytrace was configured with. Generated from configured.c.in. */
extern const struct definition configured_definition;

/*
 * Read a provider definition, in the language of src/generate. file is its
 * name, for messages. Bounded by MAX_DEFINITION_BYTES.
 */
bool definition_parse(struct definition *definition, const char *file,
                      const char *text, size_t size, struct reason *reason);
void definition_free(struct definition *definition);

/* ---- image.c: an executable or a library, in memory ---- */

/* A probe site, as its note describes it. The strings are in the file. */
struct site {
    const char *provider, *name, *arguments;
    uint64_t pc, semaphore; /* addresses in the file; semaphore 0: none */
    bool is_expected;       /* by the definition (judge.c) */
};

/* A part of the file that is mapped to be run. */
struct segment {
    uint64_t address, size; /* in memory */
    uint64_t offset, file_size;
    bool writable, executable;
};

struct image {
    unsigned bits; /* 32 or 64 */
    bool big_endian;
    unsigned machine; /* EM_X86_64 and so on */
    struct segment *segments;
    size_t segment_count;
    struct segment relro; /* made read-only when the program has started */
    bool has_base;        /* has the section .stapsdt.base */
    struct site *sites;   /* ordered by provider, name and pc */
    size_t site_count;
};

/* bytes must stay as long as the image does. */
bool image_read(struct image *image, const void *bytes, size_t size,
                struct reason *reason);
void image_free(struct image *image);
/* The segment that has all of the bytes at address, or NULL. */
const struct segment *image_segment(const struct image *image, uint64_t address,
                                    uint64_t bytes);

/* ---- bytes.c: numbers as they are in a file ---- */

uint64_t number_at(const unsigned char *at, unsigned bytes, bool big_endian);

/* ---- notes.c: the notes of one section, appended to the image's sites ---- */

struct section {
    const unsigned char *bytes;
    size_t size;
    uint64_t base; /* where .stapsdt.base is now; 0 when there is none */
};

bool notes_read(struct image *image, const struct section *section,
                struct reason *reason);

/* ---- operands.c: the text that says where a site's arguments are ---- */

struct operand {
    unsigned bytes; /* 0 when it does not say */
    bool is_signed;
    const char *text; /* behind the '@', or all of it without one */
    size_t length;
};

/* The next operand of *arguments, which is advanced; false at the end. */
bool operand_next(struct operand *operand, const char **arguments);
/* What a tracer has against this operand, or NULL when all of them read it. */
const char *operand_objection(const struct operand *operand, unsigned machine);
/* "x86-64", or NULL for a processor whose operands are not known here. */
const char *machine_name(unsigned machine);

/* ---- judge.c: an image against the definition ---- */

struct verdict {
    const struct expected_marker *expected;
    const struct site *sites; /* those of this marker */
    size_t site_count;
    char *shortfalls[MAX_SHORTFALLS];
    size_t shortfall_count, unsaid; /* unsaid: those beyond the last */
    long value;                     /* of the semaphore in a process, or -1 */
};

struct report {
    const char *file;
    const struct image *image;
    const char *provider;
    struct verdict *verdicts;
    size_t count;     /* of verdicts: one for each marker of the definition */
    size_t found;     /* how many of them are there at all */
    size_t too_short; /* how many of them fall short */
};

void judge(struct report *report, const char *file, struct image *image,
           const char *provider, const struct definition *definition);
void report_free(struct report *report);

/* ---- file.c: a file in memory ---- */

struct file {
    void *bytes;
    size_t size;
};

/* name is for messages about a file that changes while it is being read. */
bool file_open(struct file *file, const char *path, const char *name,
               struct reason *reason);
void file_close(struct file *file);

/* ---- process.c: the files of a process, and its semaphores ---- */

struct process;

/* What is done with each file: by its path there, and by one to open here. */
typedef void process_visit(struct process *process, const char *name,
                           const char *path, void *data);

/* Call visit for each file that the process has mapped. */
bool process_visit_files(long pid, process_visit *visit, void *data,
                         struct reason *reason);
/*
 * In visit: fill in value of the report of the file visited. False when
 * the process' memory may not be read.
 */
bool process_read_semaphores(struct process *process, struct report *report,
                             struct reason *reason);

/* ---- table.c and json.c: the two forms of what is printed ---- */

enum outcome { ALL_WELL = 0, FALLS_SHORT = 1, UNREADABLE = 2 };

struct printer {
    void (*begin)(long pid); /* 0 when files are checked */
    void (*report)(const struct report *report);
    /* A file of a process that has only other providers' markers. */
    void (*bystander)(const struct report *report);
    void (*unreadable)(const char *file, const char *why);
    void (*end)(enum outcome outcome);
};

extern const struct printer table_printer, json_printer;

/*
 * At most limit characters of a text that comes from elsewhere, without what
 * would lead a terminal. Allocated; the caller frees it.
 */
char *printable(const char *text, size_t limit);
enum { MAX_NAME = 4096 }; /* characters of a path, or of a sentence with one */
void print_printable(FILE *stream, const char *text);

/* Call next for each provider of the image but the one judged. */
void each_other_provider(const struct report *report,
                         void (*next)(const char *provider));
/* Call next for each marker of the provider that the definition has not. */
void each_other_marker(const struct report *report,
                       void (*next)(const char *marker));

#endif
