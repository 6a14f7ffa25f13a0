/*
 * init.c - the first and only program of the machines of tests/processors.sh,
 * beside /host, which it traces with the kernel's own tracer: /events has the
 * probes, in the form of tracefs's uprobe_events. What it finds, it prints to
 * the console, with "| " before each line, and "| end" last; then it switches
 * the machine off.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRACING "/sys/kernel/tracing/"

static _Noreturn void end(void)
{
    puts("| end");
    fflush(stdout);
    reboot(RB_POWER_OFF);
    for (;;)
        pause();
}

/* Says why, and of what: a line of it. */
static _Noreturn void fail(const char *what)
{
    int length = (int)strcspn(what, "\n");

    printf("| %.*s: %s\n", length, what, strerror(errno));
    end();
}

static void mount_at(const char *kind, const char *where)
{
    mkdir(where, 0755);
    if (mount(kind, where, kind, 0, NULL) != 0)
        fail(where);
}

/* The kernel takes one command a write: a line each. */
static void write_lines(const char *path, const char *text)
{
    int file = open(path, O_WRONLY);

    if (file < 0)
        fail(path);
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");

        if (write(file, text, length) < 0)
            fail(text);
        text += length;
        text += *text == '\n';
    }
    close(file);
}

static const char *contents(const char *path)
{
    static char text[65536];
    size_t length = 0;
    ssize_t got;
    int file = open(path, O_RDONLY);

    if (file < 0)
        fail(path);
    while ((got = read(file, text + length, sizeof(text) - 1 - length)) > 0)
        length += (size_t)got;
    close(file);
    text[length] = '\0';
    return text;
}

/* A running host: what it reads and writes. */
static FILE *start_host(void)
{
    int pair[2];
    FILE *host;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        fail("socketpair");
    fflush(stdout);
    switch (fork()) {
    case -1: fail("fork");
    case 0:
        dup2(pair[1], 0);
        dup2(pair[1], 1);
        execl("/host", "host", (char *)NULL);
        _exit(127);
    }
    close(pair[1]);
    host = fdopen(pair[0], "r");
    if (host == NULL)
        fail("fdopen");
    return host;
}

/* Let it fire its markers, and print what it says. */
static void fire(const char *when, FILE *host)
{
    char line[200];

    if (write(fileno(host), "\n", 1) != 1 ||
        fgets(line, sizeof(line), host) == NULL)
        fail("/host");
    printf("| %s: %s", when, line);
}

int main(void)
{
    FILE *first, *second;
    char *line;

    mount_at("sysfs", "/sys");
    mount_at("tracefs", TRACING);
    write_lines(TRACING "uprobe_events", contents("/events"));
    first = start_host();
    fire("untraced", first);
    write_lines(TRACING "events/uprobes/enable", "1");
    fire("traced", first);
    second = start_host();
    fire("started while traced", second);
    write_lines(TRACING "events/uprobes/enable", "0");
    fire("no longer traced", first);
    fire("no longer traced", second);
    for (line = strtok((char *)contents(TRACING "trace"), "\n"); line != NULL;
         line = strtok(NULL, "\n"))
        if (line[0] != '#')
            printf("| %s\n", line);
    end();
}
