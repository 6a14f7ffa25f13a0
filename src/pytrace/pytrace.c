/*
 * pytrace.c - the program pytrace: it finds the command that its first argument
 * names. The manual page is docs/pytrace.1.in.
 *
 * SPDX-License-Identifier: MIT
 */
#include "base.h"
#include "commands.h"

#include <string.h>

static const struct command {
    const char *name;
    int (*main)(int argc, char **argv);
    const char *what;
} commands[] = {
    /* First what operators ask, then what authors of hosts do. */
    {"ps", ps_main, "list the processes with markers, and who traces them"},
    {"top", top_main, "what a program does now, each second anew"},
    {"time", time_main, "how often each function was called, how long it took"},
    {"calls", calls_main, "who calls whom, as a tree with times"},
    {"flame", flame_main, "a flame graph: as a picture, or folded"},
    {"lines", lines_main, "how often each line ran, beside its source"},
    {"latency", latency_main, "how a function's durations are distributed"},
    {"gc", gc_main, "collections: how long, and what they interrupted"},
    {"imports", imports_main,
     "what was imported by what, and how long it took"},
    {"audit", audit_main, "audit events, and the line that caused each"},
    {"export", export_main, "measures of all processes, for Prometheus"},
    {"record", record_main, "record the markers of programs, without root"},
    {"print", print_main, "print a recording, one event a line"},
    {"bpftrace", bpftrace_main,
     "run a script for bpftrace on the markers; needs root"},
    {"check", check_main,
     "whether the markers of a program are there, and work"},
    {"verify", verify_main, "whether what a host fires keeps the promises"},
    {"new", new_main, "write what a new host needs, into a directory"},
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static int help(FILE *stream)
{
    size_t i;

    fputs("Usage: pytrace COMMAND [OPTION...] ...\n\n", stream);
    for (i = 0; i < COMMANDS; i++)
        fprintf(stream, "  %-8s %s\n", commands[i].name, commands[i].what);
    fputs("\npytrace COMMAND --help says more of each.\n", stream);
    return fflush(stream) != 0 ? UNREADABLE : ALL_WELL;
}

int main(int argc, char **argv)
{
    static char name[32]; /* for getopt's own messages */
    size_t i;

    if (argc < 2) {
        help(stderr);
        return UNREADABLE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
        return help(stdout);
    if (strcmp(argv[1], "--version") == 0) {
        puts("pytrace " PACKAGE_VERSION);
        return fflush(stdout) != 0 ? UNREADABLE : ALL_WELL;
    }
    for (i = 0; i < COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0) {
            snprintf(name, sizeof(name), PROGRAM " %s", commands[i].name);
            argv[1] = name;
            return commands[i].main(argc - 1, argv + 1);
        }
    fputs("pytrace: there is no command ", stderr);
    print_printable(stderr, argv[1]);
    fputs("; see pytrace --help\n", stderr);
    return UNREADABLE;
}
