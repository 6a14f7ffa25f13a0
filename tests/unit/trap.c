/* trap.c - see trap.h. */
#define _GNU_SOURCE
#include "trap.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <link.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

enum { MAX_MARKERS = 64 };

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
static const void *watch_start;
static long watch_size;

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
    uint64_t address[3];
    const char *provider, *name;

    if (note_count == MAX_MARKERS || size < sizeof(address) + 3)
        die("too many notes, or a broken one");
    memcpy(address, data, sizeof(address));
    provider = data + sizeof(address);
    name = provider + strlen(provider) + 1;
    snprintf(note->name, sizeof(note->name), "%s", name);
    snprintf(note->arguments, sizeof(note->arguments), "%s",
             name + strlen(name) + 1);
    note->site = address[0] + bias;
    note->semaphore = address[2] + bias;
    note_count++;
}

static void read_notes(void)
{
    uintptr_t bias = 0;
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    Elf *elf;
    Elf_Scn *section = NULL;
    size_t names;

    if (note_count > 0)
        return;
    dl_iterate_phdr(first_object, &bias);
    elf_version(EV_CURRENT);
    elf = elf_begin(file, ELF_C_READ, NULL);
    if (elf == NULL || elf_getshdrstrndx(elf, &names) != 0)
        die("cannot read this program");
    while ((section = elf_nextscn(elf, section)) != NULL) {
        GElf_Shdr header;
        Elf_Data *data;
        size_t at = 0, name, text;
        GElf_Nhdr note;

        gelf_getshdr(section, &header);
        if (strcmp(elf_strptr(elf, names, header.sh_name), ".note.stapsdt"))
            continue;
        data = elf_getdata(section, NULL);
        while ((at = gelf_getnote(data, at, &note, &name, &text)) > 0)
            read_note((const char *)data->d_buf + text, note.n_descsz, bias);
    }
    elf_end(elf);
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

long trap_absent(const void *start, long size)
{
    const long page = sysconf(_SC_PAGESIZE);
    long absent = 0;
    uintptr_t at = (uintptr_t)start / (uintptr_t)page;
    uintptr_t end = ((uintptr_t)start + (uintptr_t)size - 1) / (uintptr_t)page;
    int file = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

    for (; at <= end; at++) {
        uint64_t entry = 0;

        if (pread(file, &entry, sizeof(entry), (off_t)(at * sizeof(entry))) !=
            sizeof(entry))
            die("cannot read /proc/self/pagemap");
        absent += !(entry >> 63); /* bit 63: the page is present */
    }
    close(file);
    return absent;
}

void trap_watch(const void *start, long size)
{
    watch_start = start;
    watch_size = size;
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

#ifdef __x86_64__

static uint64_t register_value(const char *name, const greg_t *regs)
{
    static const struct {
        const char *names[4];
        int index;
    } known[] = {
        {{"rdi", "edi", "di", "dil"}, REG_RDI},
        {{"rsi", "esi", "si", "sil"}, REG_RSI},
        {{"rdx", "edx", "dx", "dl"}, REG_RDX},
        {{"rcx", "ecx", "cx", "cl"}, REG_RCX},
        {{"r8", "r8d", "r8w", "r8b"}, REG_R8},
        {{"r9", "r9d", "r9w", "r9b"}, REG_R9},
    };
    size_t i, j;

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        for (j = 0; j < 4; j++)
            if (strcmp(known[i].names[j], name) == 0)
                return (uint64_t)regs[known[i].index];
    die(name); /* not a register of the calling convention */
    return 0;
}

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

static void on_trap(int signal, siginfo_t *info, void *context)
{
    const greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
    const struct note *note = NULL;
    struct trap_event event;
    const char *at;
    int i;

    (void)signal;
    (void)info;
    for (i = 0; i < note_count; i++)
        if (notes[i].site + 1 == (uintptr_t)regs[REG_RIP])
            note = &notes[i];
    if (note == NULL)
        die("a trap that is not ours");
    memset(&event, 0, sizeof(event));
    if (watch_size > 0)
        event.absent = trap_absent(watch_start, watch_size);
    at = note->arguments;
    for (i = 0; *at != '\0' && i < 6; i++) {
        int size, length;
        char name[16];

        if (sscanf(at, "%d@%%%15[a-z0-9]%n", &size, name, &length) != 2)
            die(note->arguments);
        event.argument[i] = narrowed(register_value(name, regs), size);
        if (i < 2 && size == 8 && copy_strings && event.argument[i] != 0)
            snprintf(event.copy[i], sizeof(event.copy[i]), "%s",
                     (const char *)(uintptr_t)event.argument[i]);
        at += length;
        at += *at == ' ';
    }
    last = event;
    atomic_fetch_add(&count, 1);
}

int trap_available(void)
{
    return 1;
}

void trap_arm(const char *name)
{
    const struct note *note = find_note(name);
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    unsigned char *site = (unsigned char *)note->site;
    void *start = (void *)(note->site & ~(page - 1));
    struct sigaction action;

    memset(&action, 0, sizeof(action));
    action.sa_sigaction = on_trap;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    sigaction(SIGTRAP, &action, NULL);
    if (*site != 0xcc) {
        if (*site != 0x90)
            die("the probe site is not a nop");
        if (mprotect(start, page, PROT_READ | PROT_WRITE | PROT_EXEC) != 0)
            die("cannot set a breakpoint");
        *site = 0xcc;
        mprotect(start, page, PROT_READ | PROT_EXEC);
    }
    ++*(volatile unsigned short *)note->semaphore;
}

void trap_disarm(const char *name)
{
    --*(volatile unsigned short *)find_note(name)->semaphore;
}

#else

int trap_available(void)
{
    return 0;
}

void trap_arm(const char *name)
{
    die(name);
}

void trap_disarm(const char *name)
{
    die(name);
}

#endif
