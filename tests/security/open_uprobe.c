/*
 * open_uprobe.c - ask the kernel for a probe with a semaphore, as the tracers
 * do that live on uprobes, and say what it answers: "opened" or the error.
 *
 *   open_uprobe FILE SITE SEMAPHORE [PID]
 *
 * SITE and SEMAPHORE are offsets in FILE. Without PID, in every process. The
 * exit status is 2 when it cannot ask.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct perf_event_attr attributes;
    FILE *file = fopen("/sys/bus/event_source/devices/uprobe/type", "r");
    unsigned type;
    int pid = argc > 4 ? atoi(argv[4]) : -1;

    if (argc < 4 || file == NULL || fscanf(file, "%u", &type) != 1) {
        fprintf(stderr, "open_uprobe: no arguments, or no uprobes here\n");
        return 2;
    }
    fclose(file);
    memset(&attributes, 0, sizeof(attributes));
    attributes.size = sizeof(attributes);
    attributes.type = type;
    attributes.config = strtoull(argv[3], NULL, 0) << 32;
    attributes.uprobe_path = (uintptr_t)argv[1];
    attributes.probe_offset = strtoull(argv[2], NULL, 0);
    if (syscall(SYS_perf_event_open, &attributes, pid, pid == -1 ? 0 : -1, -1,
                PERF_FLAG_FD_CLOEXEC) < 0)
        printf("%s\n", strerror(errno));
    else
        printf("opened\n");
    return 0;
}
