/* uprobe.c - see uprobe.h. */
/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "uprobe.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char uprobes[] = "/sys/bus/event_source/devices/uprobe/type";

static void fail(const char *what)
{
    fprintf(stderr, "uprobe: %s: %s\n", what, strerror(errno));
    exit(1);
}

static unsigned type_of_uprobes(void)
{
    static unsigned type;
    FILE *file;

    if (type != 0)
        return type;
    file = fopen(uprobes, "r");
    if (file == NULL || fscanf(file, "%u", &type) != 1)
        fail(uprobes);
    fclose(file);
    return type;
}

int read_sites(const char *list, struct site site[MARKERS])
{
    FILE *file = fopen(list, "r");
    char path[4096];
    int count = 0;

    if (file == NULL)
        fail(list);
    while (count < MARKERS &&
           fscanf(file, "%39s %lu %lu %4095s", site[count].name,
                  &site[count].site, &site[count].semaphore, path) == 4) {
        site[count].file = strdup(path);
        if (site[count].file == NULL)
            fail("memory");
        count++;
    }
    fclose(file);
    if (count == 0) {
        fprintf(stderr, "uprobe: %s: there are no sites in it\n", list);
        exit(1);
    }
    return count;
}

/* ---- by a program ---- */

static int bpf(int command, void *attr, unsigned size, const char *failure)
{
    int result = (int)syscall(SYS_bpf, command, attr, size);

    if (result == -1)
        fail(failure);
    return result;
}

/* A map of one number, which lies in this process's memory as well. */
static int make_counter(volatile long **counter)
{
    union bpf_attr attr;
    int map;

    memset(&attr, 0, sizeof(attr));
    attr.map_type = BPF_MAP_TYPE_ARRAY;
    attr.key_size = 4;
    attr.value_size = 8;
    attr.max_entries = 1;
    attr.map_flags = BPF_F_MMAPABLE;
    map = bpf(BPF_MAP_CREATE, &attr, sizeof(attr), "the kernel makes no map");
    *counter = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED,
                    map, 0);
    if (*counter == MAP_FAILED)
        fail("a map cannot be mapped");
    return map;
}

/* Newer than Debian 12's linux/bpf.h. */
#define TRACE_UPROBE_MULTI 48
struct link_attr {
    uint32_t program, target, type, flags;
    uint64_t path, offsets, semaphores, cookies;
    uint32_t count, more_flags, pid, unused;
};

/* A program that adds 1 to the number in the map. */
static int make_program(int map)
{
    const struct bpf_insn instructions[] = {
        {BPF_LD | BPF_IMM | BPF_DW, BPF_REG_1, BPF_PSEUDO_MAP_VALUE, 0, map},
        {0, 0, 0, 0, 0},
        {BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_2, 0, 0, 1},
        {BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_1, BPF_REG_2, 0, BPF_ADD},
        {BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0},
        {BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
    };
    union bpf_attr attr;

    memset(&attr, 0, sizeof(attr));
    attr.prog_type = BPF_PROG_TYPE_KPROBE;
    attr.expected_attach_type = TRACE_UPROBE_MULTI;
    attr.insns = (uintptr_t)instructions;
    attr.insn_cnt = sizeof(instructions) / sizeof(instructions[0]);
    attr.license = (uintptr_t) "MIT";
    return bpf(BPF_PROG_LOAD, &attr, sizeof(attr),
               "the kernel does not take the program");
}

void uprobe_open(struct uprobe *uprobe, const struct site *site, pid_t pid)
{
    struct link_attr link = {0};
    uint64_t offset = site->site, semaphore = site->semaphore;
    int map = make_counter(&uprobe->counter), program = make_program(map);

    link.program = (uint32_t)program;
    link.type = TRACE_UPROBE_MULTI;
    link.path = (uintptr_t)site->file;
    link.offsets = (uintptr_t)&offset;
    link.semaphores = (uintptr_t)&semaphore;
    link.count = 1;
    link.pid = pid == -1 ? 0 : (uint32_t)pid;
    uprobe->event[0] = bpf(BPF_LINK_CREATE, &link, sizeof(link),
                           "the kernel does not attach to the site");
    uprobe->events = 1;
    close(program);
    close(map);
}

/* ---- by events ---- */

/* The kernel's page about a buffer, and the buffer. */
static size_t buffer_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE) * 9;
}

static void add_event(struct uprobe *uprobe, const struct site *site, pid_t pid,
                      int cpu)
{
    struct perf_event_attr attr = {0};
    void *buffer;
    int event;

    attr.size = sizeof(attr);
    attr.type = type_of_uprobes();
    attr.config = (uint64_t)site->semaphore << 32;
    attr.config1 = (uintptr_t)site->file;
    attr.config2 = site->site;
    attr.sample_period = 1;
    attr.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID;
    event = (int)syscall(SYS_perf_event_open, &attr, pid, cpu, -1,
                         PERF_FLAG_FD_CLOEXEC);
    if (event == -1)
        fail("the kernel does not attach to the site");
    buffer =
        mmap(NULL, buffer_size(), PROT_READ | PROT_WRITE, MAP_SHARED, event, 0);
    if (buffer == MAP_FAILED)
        fail("the kernel gives no buffer for events");
    uprobe->buffer[uprobe->events] = buffer;
    uprobe->event[uprobe->events++] = event;
}

void uprobe_open_events(struct uprobe *uprobe, const struct site *site,
                        pid_t pid)
{
    int cpu, processors = (int)sysconf(_SC_NPROCESSORS_ONLN);

    uprobe->counter = NULL;
    uprobe->events = 0;
    if (pid != -1)
        add_event(uprobe, site, pid, -1);
    for (cpu = 0; pid == -1 && cpu < processors && cpu < 64; cpu++)
        add_event(uprobe, site, -1, cpu);
}

/* ---- both ---- */

long uprobe_count(const struct uprobe *uprobe)
{
    long sum = 0;
    int i;

    if (uprobe->counter != NULL)
        return *uprobe->counter;
    for (i = 0; i < uprobe->events; i++) {
        uint64_t count;

        if (read(uprobe->event[i], &count, sizeof(count)) != sizeof(count))
            fail("an event cannot be read");
        sum += (long)count;
    }
    return sum;
}

void uprobe_close(struct uprobe *uprobe)
{
    if (uprobe->counter != NULL)
        munmap((void *)uprobe->counter, (size_t)sysconf(_SC_PAGESIZE));
    while (uprobe->events > 0) {
        uprobe->events--;
        if (uprobe->counter == NULL)
            munmap(uprobe->buffer[uprobe->events], buffer_size());
        close(uprobe->event[uprobe->events]);
    }
}
