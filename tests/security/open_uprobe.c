/*
 * open_uprobe.c - ask the kernel for a probe with a semaphore, in each of the
 * two ways that tracers have, and say what it answers.
 *
 *   open_uprobe FILE SITE SEMAPHORE [PID]
 *
 * SITE and SEMAPHORE are offsets in FILE; without PID, in every process. Prints
 * two words, for a perf event and for a BPF program at several uprobes (Linux
 * 6.6 and up): "opened", "refused", or the error. Exit status 2 when it cannot
 * ask.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *answer(long result)
{
    if (result >= 0)
        return "opened";
    return errno == EPERM || errno == EACCES ? "refused" : strerror(errno);
}

static const char *by_perf(const char *file, uint64_t site, uint64_t semaphore,
                           int pid)
{
    FILE *number = fopen("/sys/bus/event_source/devices/uprobe/type", "r");
    struct perf_event_attr attributes;
    unsigned type;

    if (number == NULL || fscanf(number, "%u", &type) != 1) {
        fprintf(stderr, "open_uprobe: this kernel has no uprobes\n");
        exit(2);
    }
    fclose(number);
    memset(&attributes, 0, sizeof(attributes));
    attributes.size = sizeof(attributes);
    attributes.type = type;
    attributes.config = semaphore << 32;
    attributes.uprobe_path = (uintptr_t)file;
    attributes.probe_offset = site;
    return answer(syscall(SYS_perf_event_open, &attributes, pid,
                          pid == -1 ? 0 : -1, -1, PERF_FLAG_FD_CLOEXEC));
}

/* The kernel's numbers, for headers that are older than the kernel. */
enum { UPROBE_MULTI = 48 }; /* BPF_TRACE_UPROBE_MULTI */

struct multi { /* what union bpf_attr has for BPF_LINK_CREATE */
    uint32_t program, target, attach_type, flags;
    uint64_t path, offsets, semaphores, cookies;
    uint32_t count, multi_flags, pid, unused;
};

static const char *by_bpf(const char *file, uint64_t site, uint64_t semaphore,
                          int pid)
{
    /* r0 = 0; exit */
    const struct bpf_insn code[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K},
        {.code = BPF_JMP | BPF_EXIT},
    };
    union bpf_attr load;
    struct multi link;
    long program;

    memset(&load, 0, sizeof(load));
    load.prog_type = BPF_PROG_TYPE_KPROBE;
    load.insns = (uintptr_t)code;
    load.insn_cnt = 2;
    load.license = (uintptr_t) "GPL";
    load.expected_attach_type = (enum bpf_attach_type)UPROBE_MULTI;
    program = syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof(load));
    if (program < 0)
        return answer(program);
    memset(&link, 0, sizeof(link));
    link.program = (uint32_t)program;
    link.attach_type = UPROBE_MULTI;
    link.path = (uintptr_t)file;
    link.offsets = (uintptr_t)&site;
    link.semaphores = (uintptr_t)&semaphore;
    link.count = 1;
    link.pid = pid == -1 ? 0 : (uint32_t)pid;
    return answer(syscall(SYS_bpf, BPF_LINK_CREATE, &link, sizeof(link)));
}

int main(int argc, char **argv)
{
    int pid = argc > 4 ? atoi(argv[4]) : -1;
    uint64_t site, semaphore;

    if (argc < 4) {
        fprintf(stderr, "usage: open_uprobe FILE SITE SEMAPHORE [PID]\n");
        return 2;
    }
    site = strtoull(argv[2], NULL, 0);
    semaphore = strtoull(argv[3], NULL, 0);
    printf("%s ", by_perf(argv[1], site, semaphore, pid));
    printf("%s\n", by_bpf(argv[1], site, semaphore, pid));
    return 0;
}
