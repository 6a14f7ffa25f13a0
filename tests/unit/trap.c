/* trap.c - see trap.h. */
/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "trap.h"

#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <ucontext.h>
#include <unistd.h>

enum { MAX_MARKERS = 64, MAX_PAGES = 1024 };

struct note {
    char name[128];
    uintptr_t site;
    uintptr_t semaphore;
    char arguments[128];
};

static struct note notes[MAX_MARKERS];
static int note_count;

static atomic_long count;
static struct trap_event last;
static int copy_strings = 1;
static char *watched;
static long watched_pages;
static char touched[MAX_PAGES];

static int first_object(struct dl_phdr_info *info, size_t size, void *bias)
{
    (void)size;
    *(uintptr_t *)bias = info->dlpi_addr;
    return 1; /* the first one is the program itself */
}

static void die(const char *what)
{
    fprintf(stderr, "trap.c: %s\n", what);
    abort();
}

static void read_note(const char *data, size_t size, uintptr_t bias)
{
    struct note *note = &notes[note_count];
    ElfW(Addr) address[3];
    const char *provider, *name;

    if (note_count == MAX_MARKERS || size < sizeof(address) + 3)
        die("too many notes, or a broken one");
    memcpy(address, data, sizeof(address));
    provider = data + sizeof(address);
    name = provider + strlen(provider) + 1;
    snprintf(note->name, sizeof(note->name), "%s", name);
    snprintf(note->arguments, sizeof(note->arguments), "%s",
             name + strlen(name) + 1);
    note->site = (uintptr_t)address[0] + bias;
    note->semaphore = (uintptr_t)address[2] + bias;
    note_count++;
}

/* The program is its own, and known to be well-formed. */
static void read_notes(void)
{
    uintptr_t bias = 0;
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct stat status;
    const char *image;
    const ElfW(Ehdr) * header;
    const ElfW(Shdr) * sections;
    size_t i;

    if (note_count > 0)
        return;
    dl_iterate_phdr(first_object, &bias);
    if (fstat(file, &status) != 0)
        die("cannot read this program");
    image = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (image == MAP_FAILED)
        die("cannot read this program");
    header = (const void *)image;
    sections = (const void *)(image + header->e_shoff);
    for (i = 0; i < header->e_shnum; i++) {
        const char *names = image + sections[header->e_shstrndx].sh_offset;
        size_t at = sections[i].sh_offset, end = at + sections[i].sh_size;

        if (strcmp(names + sections[i].sh_name, ".note.stapsdt") != 0)
            continue;
        while (at < end) {
            const ElfW(Nhdr) *note = (const void *)(image + at);

            at += sizeof(*note) + ((note->n_namesz + 3) & ~3U);
            read_note(image + at, note->n_descsz, bias);
            at += (note->n_descsz + 3) & ~3U;
        }
    }
    munmap((void *)(uintptr_t)image, (size_t)status.st_size);
    close(file);
}

static const struct note *find_note(const char *name)
{
    int i;

    read_notes();
    for (i = 0; i < note_count; i++)
        if (strcmp(notes[i].name, name) == 0)
            return &notes[i];
    die(name);
    return NULL;
}

const void *trap_noted_semaphore(const char *name)
{
    return (const void *)find_note(name)->semaphore;
}

static void on_fault(int signal, siginfo_t *info, void *context)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t number = ((uintptr_t)info->si_addr - (uintptr_t)watched) / page;

    (void)signal;
    (void)context;
    if (number >= (uintptr_t)watched_pages || touched[number])
        die("a fault that is not ours");
    touched[number] = 1;
    mprotect(watched + number * page, page, PROT_READ);
}

void trap_watch(void *start, long size)
{
    const long page = sysconf(_SC_PAGESIZE);
    struct sigaction action;

    watched = start;
    watched_pages = (size + page - 1) / page;
    if (watched_pages > MAX_PAGES)
        die("too many pages to watch");
    memset(touched, 0, sizeof(touched));
    memset(&action, 0, sizeof(action));
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &action, NULL);
    if (mprotect(watched, (size_t)size, PROT_NONE) != 0)
        die("cannot watch this memory");
}

long trap_untouched(void)
{
    long number, untouched = 0;

    for (number = 0; number < watched_pages; number++)
        untouched += !touched[number];
    return untouched;
}

void trap_copy_strings(int on)
{
    copy_strings = on;
}

long trap_count(void)
{
    return atomic_load(&count);
}

const struct trap_event *trap_last(void)
{
    return &last;
}

/* ---- the processors ---- */

/*
 * For each: the instruction that traps; how far behind it the program counter
 * can be then; the size of the nop in whose place it is; the program counter;
 * and the register that a note's operand names (numbered as in the context).
 */
#if defined(__x86_64__) || defined(__i386__)

static const unsigned char breakpoint[] = {0xcc};
enum { BEHIND = 1, NOP_SIZE = 1 };
#ifdef __x86_64__
#define PROGRAM_COUNTER(context) (context)->uc_mcontext.gregs[REG_RIP]
#define INDEX(name) REG_R##name
#else
#define PROGRAM_COUNTER(context) (context)->uc_mcontext.gregs[REG_EIP]
#define INDEX(name) REG_E##name
#endif

static uint64_t register_value(const char *name, const ucontext_t *context)
{
    static const struct {
        const char *names[4];
        int index;
    } known[] = {
        {{"rdi", "edi", "di", "dil"}, INDEX(DI)},
        {{"rsi", "esi", "si", "sil"}, INDEX(SI)},
        {{"rdx", "edx", "dx", "dl"}, INDEX(DX)},
        {{"rcx", "ecx", "cx", "cl"}, INDEX(CX)},
        {{"rax", "eax", "ax", "al"}, INDEX(AX)},
        {{"rbx", "ebx", "bx", "bl"}, INDEX(BX)},
#ifdef __x86_64__
        {{"r8", "r8d", "r8w", "r8b"}, REG_R8},
        {{"r9", "r9d", "r9w", "r9b"}, REG_R9},
#endif
    };
    size_t i, j;

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        for (j = 0; *name == '%' && j < 4; j++)
            if (strcmp(known[i].names[j], name + 1) == 0)
                return (uint64_t)context->uc_mcontext.gregs[known[i].index];
    die(name); /* not a register that arguments are in */
    return 0;
}

#else

#if defined(__aarch64__)
static const unsigned char breakpoint[] = {0x00, 0x00, 0x20, 0xd4};
enum { BEHIND = 0, NOP_SIZE = 4 };
#define PROGRAM_COUNTER(context) (context)->uc_mcontext.pc
#define REGISTERS(context) (context)->uc_mcontext.regs
#define FORM "x%u"
#define FIRST 0
/* In a Thumb program, too, the probes are ARM code where there is such code. */
#elif defined(__arm__) && !defined(__ARM_ARCH_ISA_ARM)
static const unsigned char breakpoint[] = {0x00, 0xbe};
enum { BEHIND = 0, NOP_SIZE = 2 };
#elif defined(__arm__)
static const unsigned char breakpoint[] = {0x70, 0x00, 0x20, 0xe1};
enum { BEHIND = 0, NOP_SIZE = 4 };
#elif defined(__riscv) && defined(__riscv_compressed)
static const unsigned char breakpoint[] = {0x02, 0x90};
enum { BEHIND = 0, NOP_SIZE = 2 };
#define PROGRAM_COUNTER(context) (context)->uc_mcontext.__gregs[REG_PC]
#define REGISTERS(context) (context)->uc_mcontext.__gregs
#define FORM "a%u"
#define FIRST REG_A0
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
static const unsigned char breakpoint[] = {0x08, 0x00, 0xe0, 0x7f};
enum { BEHIND = 0, NOP_SIZE = 4 };
#define PROGRAM_COUNTER(context) (context)->uc_mcontext.gp_regs[32]
#define REGISTERS(context) (context)->uc_mcontext.gp_regs
#define FORM "%u"
#define FIRST 0
#elif defined(__s390x__)
static const unsigned char breakpoint[] = {0x00, 0x01};
enum { BEHIND = 2, NOP_SIZE = 4 };
#define PROGRAM_COUNTER(context) (context)->uc_mcontext.psw.addr
#define REGISTERS(context) (context)->uc_mcontext.gregs
#define FORM "%%r%u"
#define FIRST 0
#else
#error "trap.c does not know this processor"
#endif
#ifdef __arm__
#define PROGRAM_COUNTER(context) (context)->uc_mcontext.arm_pc
#define REGISTERS(context) (&(context)->uc_mcontext.arm_r0)
#define FORM "r%u"
#define FIRST 0
#endif

static uint64_t register_value(const char *name, const ucontext_t *context)
{
    unsigned number;

    if (sscanf(name, FORM, &number) != 1 || number > 15)
        die(name); /* not a register that arguments are in */
    return (uint64_t)REGISTERS(context)[FIRST + number];
}

#endif

/* ---- traps ---- */

static uint64_t narrowed(uint64_t value, int size)
{
    switch (size) {
    case -1: return (uint64_t)(int8_t)value;
    case -2: return (uint64_t)(int16_t)value;
    case -4: return (uint64_t)(int32_t)value;
    case 1: return (uint8_t)value;
    case 2: return (uint16_t)value;
    case 4: return (uint32_t)value;
    default: return value;
    }
}

static void copy_string(char copy[64], const char *string)
{
    memcpy(copy, string, strnlen(string, 63));
}

static void on_trap(int signal, siginfo_t *info, void *context)
{
    ucontext_t *registers = context;
    const struct note *note = NULL;
    struct trap_event event;
    const char *at;
    int i;

    (void)signal;
    (void)info;
    for (i = 0; i < note_count; i++)
        if ((uintptr_t)PROGRAM_COUNTER(registers) - notes[i].site <= BEHIND)
            note = &notes[i];
    if (note == NULL)
        die("a trap that is not ours");
    memset(&event, 0, sizeof(event));
    event.untouched = trap_untouched();
    at = note->arguments;
    for (i = 0; *at != '\0' && i < 6; i++) {
        int size, length;
        char name[16];

        if (sscanf(at, "%d@%15[%a-z0-9]%n", &size, name, &length) != 2)
            die(note->arguments);
        event.argument[i] = narrowed(register_value(name, registers), size);
        if (i < 2 && size == (int)sizeof(void *) && copy_strings &&
            event.argument[i] != 0)
            copy_string(event.copy[i],
                        (const char *)(uintptr_t)event.argument[i]);
        at += length;
        at += *at == ' ';
    }
    PROGRAM_COUNTER(registers) = note->site + NOP_SIZE;
    last = event;
    atomic_fetch_add(&count, 1);
}

static void set_breakpoint(const struct note *note)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    unsigned char *site = (unsigned char *)note->site;
    void *start = (void *)(note->site & ~(page - 1));
    struct sigaction action;

    memset(&action, 0, sizeof(action));
    action.sa_sigaction = on_trap;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    sigaction(SIGTRAP, &action, NULL);
    sigaction(SIGILL, &action, NULL); /* what qemu makes of it for S/390 */
    if (memcmp(site, breakpoint, sizeof(breakpoint)) == 0)
        return;
    if (mprotect(start, page, PROT_READ | PROT_WRITE | PROT_EXEC) != 0)
        die("cannot set a breakpoint");
    memcpy(site, breakpoint, sizeof(breakpoint));
    mprotect(start, page, PROT_READ | PROT_EXEC);
    __builtin___clear_cache((char *)site, (char *)site + sizeof(breakpoint));
}

void trap_arm(const char *name)
{
    const struct note *note = find_note(name);

    set_breakpoint(note);
    ++*(volatile unsigned short *)note->semaphore;
}

void trap_disarm(const char *name)
{
    --*(volatile unsigned short *)find_note(name)->semaphore;
}
