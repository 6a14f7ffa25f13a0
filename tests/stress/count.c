/*
 * count.c - count what a command fires, in the kernel.
 *
 *   count OUTPUT SITES all|process COMMAND...
 *
 * SITES is a list of sites (sites.sh). Counts them while COMMAND runs, in
 * every process of the file ("all") or in that of COMMAND only, and writes for
 * each a line to the file OUTPUT:
 *   NAME COUNT
 * Exit status that of COMMAND; 1 when the kernel does not trace, 2 when the
 * command line is wrong.
 */
#define _GNU_SOURCE
#include "uprobe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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
        execvp(argv[4], argv + 4);
        fprintf(stderr, "count: cannot run %s: %s\n", argv[4], strerror(errno));
        _exit(1);
    }
    for (i = 0; i < sites; i++)
        uprobe_open(&uprobe[i], &site[i],
                    strcmp(argv[3], "all") == 0 ? -1 : pid);
    if (write(ends[1], &dot, 1) != 1 || waitpid(pid, &status, 0) != pid) {
        fprintf(stderr, "count: the command cannot be started\n");
        return 1;
    }
    for (i = 0; i < sites; i++)
        fprintf(output, "%s %ld\n", site[i].name, uprobe_count(&uprobe[i]));
    if (fclose(output) != 0)
        return 1;
    if (!WIFEXITED(status)) {
        fprintf(stderr, "count: %s was ended by signal %d\n", argv[4],
                WTERMSIG(status));
        return 1;
    }
    return WEXITSTATUS(status);
}
