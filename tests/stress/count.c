/*
 * count.c - count what a command fires, in the kernel.
 *
 *   count OUTPUT SITES all|process COMMAND...
 *
 * SITES is a list of sites (sites.sh). Counts them while COMMAND runs, in
 * every process of the file ("all") or in COMMAND only, and writes for
 * each a line to the file OUTPUT:
 *   NAME COUNT
 * When COMMAND stops itself (stop.h), the tracers go, and a last line
 *   semaphores SUM
 * says what its semaphores are then. The exit status is COMMAND's; 1 when the
 * kernel does not trace, 2 when the command line is wrong.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "semaphores.h"
#include "uprobe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void end_tracing(struct uprobe *uprobe, const struct site *site,
                        int sites, FILE *output)
{
    int i;

    for (i = 0; i < sites; i++) {
        fprintf(output, "%s %ld\n", site[i].name, uprobe_count(&uprobe[i]));
        uprobe_close(&uprobe[i]);
    }
}

static void show_semaphores(pid_t pid, const struct site *site, int sites,
                            FILE *output)
{
    struct semaphores semaphores;
    int i, sum = 0;

    semaphores_open(&semaphores, pid, site, sites);
    for (i = 0; i < sites; i++)
        sum += semaphores_read(&semaphores, i);
    fprintf(output, "semaphores %d\n", sum);
}

int main(int argc, char **argv)
{
    struct site site[MARKERS];
    struct uprobe uprobe[MARKERS];
    int i, sites, status, ends[2];
    FILE *output;
    pid_t pid;
    char dot = '.';

    if (argc < 5 ||
        (strcmp(argv[3], "all") != 0 && strcmp(argv[3], "process") != 0)) {
        fprintf(stderr, "usage: count OUTPUT SITES all|process COMMAND...\n");
        return 2;
    }
    output = fopen(argv[1], "w");
    sites = read_sites(argv[2], site);
    if (output == NULL || pipe2(ends, O_CLOEXEC) != 0 || (pid = fork()) == -1) {
        fprintf(stderr, "count: %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    if (pid == 0) {
        close(ends[1]);
        if (read(ends[0], &dot, 1) != 1)
            _exit(1); /* there is no tracer */
        setenv("COUNTED", "1", 1);
        execvp(argv[4], argv + 4);
        fprintf(stderr, "count: cannot run %s: %s\n", argv[4], strerror(errno));
        _exit(1);
    }
    for (i = 0; i < sites; i++)
        uprobe_open(&uprobe[i], &site[i],
                    strcmp(argv[3], "all") == 0 ? -1 : pid);
    if (write(ends[1], &dot, 1) != 1 ||
        waitpid(pid, &status, WUNTRACED) != pid) {
        fprintf(stderr, "count: the command cannot be started\n");
        return 1;
    }
    end_tracing(uprobe, site, sites, output);
    if (WIFSTOPPED(status)) {
        show_semaphores(pid, site, sites, output);
        kill(pid, SIGCONT);
        waitpid(pid, &status, 0);
    }
    if (fclose(output) != 0)
        return 1;
    if (!WIFEXITED(status)) {
        fprintf(stderr, "count: %s was ended by signal %d\n", argv[4],
                WTERMSIG(status));
        return 1;
    }
    return WEXITSTATUS(status);
}
