/*
 * launch.c - start a command by src/pytrace/launch.c, and write down what the
 * recorder would be told, for tests/launch.sh. Processes are numbered as they
 * come: the command is #1.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <getopt.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static FILE *list;          /* what is written down */
static const char *find;    /* part of the name of a file that is a host */
static const char *witness; /* a file that the host's code makes */
static long *pids;
static size_t pid_count;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static size_t number_of(long pid)
{
    size_t i;

    pthread_mutex_lock(&mutex);
    for (i = pid_count; i > 0 && pids[i - 1] != pid; i--)
        ;
    if (i == 0) {
        pids = grown(pids, pid_count, sizeof(pid));
        pids[pid_count++] = pid;
        i = pid_count;
    }
    pthread_mutex_unlock(&mutex);
    return i;
}

static char state_of(long pid)
{
    char name[64];
    char text[512] = "";
    FILE *file;
    char *behind;

    snprintf(name, sizeof(name), "/proc/%ld/stat", pid);
    file = fopen(name, "re");
    if (file == NULL)
        return '-';
    if (fgets(text, sizeof(text), file) == NULL)
        text[0] = '\0';
    fclose(file);
    behind = strrchr(text, ')');
    return behind == NULL ? '-' : behind[2];
}

static bool has_mapped(long pid)
{
    char name[64];
    char *line = NULL;
    size_t capacity = 0;
    FILE *file;
    bool found = false;

    if (find == NULL)
        return false;
    snprintf(name, sizeof(name), "/proc/%ld/maps", pid);
    file = fopen(name, "re");
    if (file == NULL)
        return false;
    while (!found && getline(&line, &capacity, file) > 0)
        found = strstr(line, find) != NULL;
    free(line);
    fclose(file);
    return found;
}

/* Silent until the host is found, as there are many calls before. */
static bool mapped(long pid, void *data)
{
    bool found = has_mapped(pid);
    size_t *calls = data;

    ++*calls;
    if (state_of(pid) != 't')
        fprintf(list, "#%zu is not stopped: %c\n", number_of(pid),
                state_of(pid));
    if (found)
        fprintf(list, "#%zu has the host, %s\n", number_of(pid),
                witness == NULL || access(witness, F_OK) != 0
                    ? "whose code has not run"
                    : "too late");
    return found;
}

static void tell(const char *sentence, void *data)
{
    (void)data;
    fprintf(list, "told: %s\n", sentence);
}

static void write_event(const struct launch_event *event)
{
    switch (event->kind) {
    case LAUNCH_EXECUTED:
        fprintf(list, "#%zu executed\n", number_of(event->pid));
        break;
    case LAUNCH_FORKED: {
        size_t parent = number_of(event->parent);

        fprintf(list, "#%zu forked #%zu\n", parent, number_of(event->pid));
        break;
    }
    case LAUNCH_ENDED:
        fprintf(list, "#%zu ended: %s %d\n", number_of(event->pid),
                WIFSIGNALED(event->status) ? "signal" : "status",
                WIFSIGNALED(event->status) ? WTERMSIG(event->status)
                                           : WEXITSTATUS(event->status));
        break;
    }
}

/* As a container does that permits no ptrace. */
static void forbid_ptrace(void)
{
    static struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ptrace, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    static const struct sock_fprog program = {4, filter};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        perror("seccomp");
        exit(99);
    }
}

/* Until the command has ended, and those who follow it, where they are. */
static int record(struct launch *launch, bool follow, bool release)
{
    struct pollfd descriptor = {launch_descriptor(launch), POLLIN, 0};
    struct launch_event event;
    size_t alive = 1;
    int status = 0;

    while (alive > 0) {
        if (poll(&descriptor, 1, -1) < 0 && errno != EINTR)
            return 99;
        while (launch_next(launch, &event)) {
            write_event(&event);
            alive += event.kind == LAUNCH_FORKED && follow;
            alive -= event.kind == LAUNCH_ENDED;
            if (event.kind == LAUNCH_ENDED && event.pid == launch_pid(launch))
                status = launch_exit_status(event.status);
            if (event.kind == LAUNCH_EXECUTED && release) {
                launch_release(launch);
                release = false;
            }
        }
    }
    return status;
}

int main(int argc, char **argv)
{
    struct reason reason;
    size_t calls = 0;
    const struct launch_calls launch_calls = {mapped, tell, &calls};
    struct launch *launch;
    bool follow = false;
    bool release = false;
    bool count = false;
    int option, status;

    list = stderr;
    while ((option = getopt(argc, argv, "+cfrsh:o:w:")) != -1)
        switch (option) {
        case 'c': count = true; break; /* say how often mapped was called */
        case 'f': follow = true; break;
        case 'r': release = true; break; /* once it has executed */
        case 's': forbid_ptrace(); break;
        case 'h': find = optarg; break;
        case 'o': list = fopen(optarg, "we"); break;
        case 'w': witness = optarg; break;
        default: return 99;
        }
    if (list == NULL || optind == argc)
        return 99;
    setvbuf(list, NULL, _IOLBF, 0);
    launch = launch_new(argv + optind, follow, &launch_calls);
    signal(SIGINT, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    status = launch_start(launch, &reason);
    if (status != 0) {
        fprintf(list, "%s\n", reason.text);
    } else {
        number_of(launch_pid(launch));
        status = record(launch, follow, release);
    }
    if (count)
        fprintf(list, "calls: %zu\n", calls);
    launch_free(launch);
    if (waitpid(-1, NULL, __WALL | WNOHANG) != -1 || errno != ECHILD)
        fprintf(list, "a child is left\n");
    fclose(list);
    free(pids);
    return status;
}
