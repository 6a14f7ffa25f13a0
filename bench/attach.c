/*
 * attach.c - how long it takes to attach to a marker, and to detach.
 *
 *   attach HOST SITE SEMAPHORE PROCESSES SAMPLES RECORDER FILE [TRACER...]
 *
 * Starts PROCESSES of HOST (host.c), whose marker has its probe site and its
 * semaphore at these offsets in the file and in memory (three hexadecimal
 * numbers: SITE is OFFSET, SEMAPHORE is OFFSET:ADDRESS). Then, SAMPLES times,
 * has the kernel trace the site in every process of HOST, and end that, and
 * prints
 *
 *   kernel ATTACH DETACH
 *
 * in milliseconds; and has RECORDER, the command pytrace, record the processes
 * into FILE, from its start until all of their semaphores have its bit, and
 * from SIGINT until it has ended:
 *
 *   recorder ATTACH DETACH
 *
 * Where a command for a TRACER is given, which writes a word when it is
 * attached and ends at SIGINT, does the same with that once:
 *
 *   tracer ATTACH DETACH
 *
 * Each time the semaphore of each process must rise and fall. Exit status 1
 * when it does not, or when something cannot be done; 2 when the command line
 * is wrong.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RECORDED = 0x4000 }; /* the recorder's bit of a semaphore */
static const char uprobes[] = "/sys/bus/event_source/devices/uprobe/type";

struct process {
    pid_t pid;
    int memory;  /* its /proc/PID/mem */
    off_t where; /* of the semaphore in there */
};

static struct process *process;
static int processes, started;

static void end_processes(void)
{
    int i;

    for (i = 0; i < started; i++)
        kill(process[i].pid, SIGKILL);
    for (i = 0; i < started; i++)
        waitpid(process[i].pid, NULL, 0);
}

static void fail(const char *what)
{
    fprintf(stderr, "attach: %s: %s\n", what, strerror(errno));
    end_processes();
    exit(1);
}

static double milliseconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Start a program that writes to a new pipe, *output, and dies with this. */
static pid_t start(char *const *command, int *output)
{
    int ends[2];
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) != 0)
        fail("pipe");
    pid = fork();
    if (pid == -1)
        fail("fork");
    if (pid == 0) {
        signal(SIGINT, SIG_DFL);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(ends[1], STDOUT_FILENO);
        execvp(command[0], command);
        fprintf(stderr, "attach: cannot run %s: %s\n", command[0],
                strerror(errno));
        _exit(1);
    }
    close(ends[1]);
    *output = ends[0];
    return pid;
}

/* Where an executable's addresses begin in a process: at its first mapping. */
static unsigned long base_of(pid_t pid)
{
    char name[64];
    unsigned long base;
    FILE *maps;

    snprintf(name, sizeof(name), "/proc/%d/maps", (int)pid);
    maps = fopen(name, "r");
    if (maps == NULL || fscanf(maps, "%lx", &base) != 1)
        fail(name);
    fclose(maps);
    return base;
}

static void start_processes(char *host, unsigned long address)
{
    char wait[] = "wait", name[64], dot;
    char *command[] = {host, wait, NULL};
    int output;

    process = calloc((size_t)processes, sizeof(*process));
    if (process == NULL)
        fail("memory");
    for (; started < processes; started++) {
        struct process *p = &process[started];

        p->pid = start(command, &output);
        if (read(output, &dot, 1) != 1)
            fail("a process of the host did not start");
        close(output);
        snprintf(name, sizeof(name), "/proc/%d/mem", (int)p->pid);
        p->memory = open(name, O_RDONLY | O_CLOEXEC);
        if (p->memory == -1)
            fail(name);
        p->where = (off_t)(base_of(p->pid) + address);
    }
}

static unsigned short semaphore_of(const struct process *p)
{
    unsigned short semaphore;

    if (pread(p->memory, &semaphore, sizeof(semaphore), p->where) !=
        sizeof(semaphore))
        fail("a process of the host is gone");
    return semaphore;
}

/* See that each process knows that it is traced, or is not. */
static void check(unsigned short expected, const char *when)
{
    unsigned short semaphore;
    int i;

    for (i = 0; i < processes; i++) {
        semaphore = semaphore_of(&process[i]);
        if (semaphore != expected) {
            fprintf(stderr,
                    "attach: %s, the semaphore of process %d of %d is %d\n",
                    when, i + 1, processes, semaphore);
            end_processes();
            exit(1);
        }
    }
}

static unsigned type_of_uprobes(void)
{
    unsigned type;
    FILE *file = fopen(uprobes, "r");

    if (file == NULL || fscanf(file, "%u", &type) != 1)
        fail(uprobes);
    fclose(file);
    return type;
}

static void by_kernel(const char *host, unsigned long site,
                      unsigned long semaphore)
{
    struct perf_event_attr attr = {0};
    double before, attached, detaching;
    int event;

    attr.size = sizeof(attr);
    attr.type = type_of_uprobes();
    attr.config = (unsigned long long)semaphore << 32;
    attr.config1 = (unsigned long)host;
    attr.config2 = site;
    before = milliseconds();
    event = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1,
                         PERF_FLAG_FD_CLOEXEC);
    attached = milliseconds();
    if (event == -1)
        fail("the kernel does not attach to the site");
    check(1, "attached");
    detaching = milliseconds();
    close(event);
    printf("kernel %.3f %.3f\n", attached - before, milliseconds() - detaching);
    check(0, "detached");
}

static void by_recorder(char *recorder, char *file)
{
    static char record[] = "record", to[] = "-o", of[] = "-p";
    const struct timespec instant = {0, 20000};
    char **command = calloc((size_t)processes * 2 + 5, sizeof(char *));
    char(*number)[16] = calloc((size_t)processes, sizeof(*number));
    double before, attached, detaching;
    int i, n = 0, output, status;
    pid_t pid;

    if (command == NULL || number == NULL)
        fail("memory");
    command[n++] = recorder;
    command[n++] = record;
    command[n++] = to;
    command[n++] = file;
    for (i = 0; i < processes; i++) {
        snprintf(number[i], sizeof(number[i]), "%d", (int)process[i].pid);
        command[n++] = of;
        command[n++] = number[i];
    }
    before = milliseconds();
    pid = start(command, &output);
    for (i = 0; i < processes;) {
        if (semaphore_of(&process[i]) == RECORDED)
            i++;
        else if (waitpid(pid, NULL, WNOHANG) == 0)
            nanosleep(&instant, NULL);
        else
            fail("the recorder ended before it had attached");
    }
    attached = milliseconds();
    detaching = milliseconds();
    kill(pid, SIGINT);
    if (waitpid(pid, &status, 0) != pid || status != 0)
        fail("the recorder failed");
    printf("recorder %.3f %.3f\n", attached - before,
           milliseconds() - detaching);
    close(output);
    free(command);
    free(number);
    check(0, "no longer recorded");
}

/*
 * bpftrace 0.17 overlooks an interrupt that comes while it is not waiting, and
 * one that comes while it ends cuts that short: so it gets time to wait, and
 * another one only after three seconds, from which the time counts.
 */
static void by_tracer(char *const *command)
{
    const struct timespec moment = {0, 200000000}, instant = {0, 3000000};
    double before = milliseconds(), attached, detaching = 0;
    int output, tries;
    pid_t pid = start(command, &output);
    char word;

    if (read(output, &word, 1) != 1) {
        waitpid(pid, NULL, 0);
        fail("the tracer ended before it was attached");
    }
    attached = milliseconds();
    check(1, "traced");
    nanosleep(&moment, NULL);
    for (tries = 0; tries < 3000; tries++) {
        if (tries % 1000 == 0) {
            detaching = milliseconds();
            kill(pid, SIGINT);
        }
        if (waitpid(pid, NULL, WNOHANG) == pid)
            break;
        nanosleep(&instant, NULL);
    }
    if (tries == 3000) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        fail("the tracer does not end when it is interrupted");
    }
    printf("tracer %.3f %.3f\n", attached - before, milliseconds() - detaching);
    close(output);
    check(0, "no longer traced");
}

int main(int argc, char **argv)
{
    unsigned long site, offset, address;
    int samples;

    if (argc < 8 || sscanf(argv[2], "%lx", &site) != 1 ||
        sscanf(argv[3], "%lx:%lx", &offset, &address) != 2 ||
        (processes = atoi(argv[4])) <= 0 || (samples = atoi(argv[5])) <= 0) {
        fprintf(stderr, "usage: attach HOST SITE SEMAPHORE PROCESSES SAMPLES"
                        " RECORDER FILE [TRACER...]\n");
        return 2;
    }
    start_processes(argv[1], address);
    check(0, "at first");
    while (samples-- > 0) {
        by_kernel(argv[1], site, offset);
        by_recorder(argv[6], argv[7]);
    }
    if (argc > 8)
        by_tracer(argv + 8);
    end_processes();
    return 0;
}
