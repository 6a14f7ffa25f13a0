/*
 * record.c - the command pytrace record: its command line. The manual page is
 * docs/pytrace.1.in; capture.c is the recording.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "capture.h"
#include "commands.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "Usage: pytrace record [OPTION...] -p PID...\n"
    "       pytrace record [OPTION...] -- COMMAND [ARGUMENT...]\n"
    "\n"
    "Record the markers of running processes, or of a command from its first\n"
    "marker on, into a file; \"pytrace print FILE\" shows it. Your own "
    "processes\n"
    "need no root. Without -d, the recording ends with its processes, or by\n"
    "Ctrl-C.\n"
    "\n"
    "  -p PID           record this process; can be repeated\n"
    "  -o FILE          write to this file, \"-\" for the standard output\n"
    "                   (default: pytrace.PID.rec, with the first -p, or with\n"
    "                   pytrace's own number where there is only a command)\n"
    "  --marker NAME    record this marker, and no other; can be repeated\n"
    "                   (pytrace check -p PID lists the names)\n"
    "  -d SECONDS       end the recording after so long\n"
    "  --follow         record the children, too, that are started meanwhile\n"
    "  --full drop      when a thread's ring is full, lose events, and count\n"
    "                   them (default)\n"
    "  --full block     or let the thread wait, and lose none\n"
    "  --full flight    or lose them, too, and write only the last events, at\n"
    "                   the end\n"
    "  --keep SIZE      with --full flight: so much of them (default: 64M)\n"
    "  --ring SIZE      each thread's ring: a power of 2, 4K to 64M (default: "
    "1M)\n"
    "  --max-overhead PERCENT\n"
    "                   record in bursts, so that recording takes no more of "
    "the\n"
    "                   program's time\n"
    "  --force          also record a process with a filter of system calls\n"
    "                   (seccomp), which can end the process\n"
    "  --help           print this\n"
    "\n"
    "SIZE is in bytes, or with K or M behind it.\n"
    "Exit status: 0 recorded, 1 events were lost, 2 could not be recorded; "
    "with a\n"
    "command, the command's own.\n";

struct options {
    struct capture capture;
    const char *file;
    bool has_keep;
};

/* ---- the command line ---- */

static bool wrong(const char *text, const char *detail)
{
    return wrong_usage("record", text, detail);
}

static bool parse_size(uint64_t *size, const char *text, uint64_t least,
                       uint64_t most)
{
    char *end;

    errno = 0;
    *size = strtoull(text, &end, 10);
    if (errno == 0 && *end == 'K' && *size < UINT64_C(1) << 32) {
        *size <<= 10;
        end++;
    } else if (errno == 0 && *end == 'M' && *size < UINT64_C(1) << 32) {
        *size <<= 20;
        end++;
    }
    return errno == 0 && *text >= '0' && *text <= '9' && *end == '\0' &&
           *size >= least && *size <= most;
}

static bool parse_full(struct capture *capture, const char *text)
{
    if (strcmp(text, "drop") == 0)
        capture->full = DROP;
    else if (strcmp(text, "block") == 0)
        capture->full = BLOCK;
    else if (strcmp(text, "flight") == 0)
        capture->full = FLIGHT;
    else
        return wrong("--full is drop, block or flight, and not ", text);
    return true;
}

static bool parse_option(struct options *options, int option)
{
    struct capture *capture = &options->capture;

    switch (option) {
    case 'p': return capture_parse_pid(capture, optarg, "record");
    case 'o': options->file = optarg; return true;
    case 'd': return capture_parse_seconds(capture, optarg, "record");
    case 'm': capture->markers[capture->marker_count++] = optarg; return true;
    case 'f': capture->follow = true; return true;
    case 'F': return parse_full(capture, optarg);
    case 'r':
        return (parse_size(&capture->ring_bytes, optarg, 4096, 64 << 20) &&
                (capture->ring_bytes & (capture->ring_bytes - 1)) == 0) ||
               wrong("--ring is a power of 2 from 4K to 64M, and not ", optarg);
    case 'k':
        options->has_keep = true;
        return parse_size(&capture->keep_bytes, optarg, 64 << 10,
                          UINT64_C(1) << 40) ||
               wrong("--keep is 64K at least, such as 256M, and not ", optarg);
    case 'O': return capture_parse_overhead(capture, optarg, "record");
    case 'x': capture->force = true; return true;
    default: return wrong("this command line is wrong", "");
    }
}

static bool parse_command(struct options *options, int argc, char **argv)
{
    static const struct option names[] = {
        {"marker", required_argument, NULL, 'm'},
        {"follow", no_argument, NULL, 'f'},
        {"full", required_argument, NULL, 'F'},
        {"ring", required_argument, NULL, 'r'},
        {"keep", required_argument, NULL, 'k'},
        {"max-overhead", required_argument, NULL, 'O'},
        {"force", no_argument, NULL, 'x'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0}};
    struct capture *capture = &options->capture;
    int option;

    capture_init(capture);
    capture->markers = allocate((size_t)argc, sizeof(char *));
    while ((option = getopt_long(argc, argv, "+p:o:d:", names, NULL)) != -1) {
        if (option == 'h') {
            fputs(usage, stdout);
            exit(fflush(stdout) != 0 ? UNREADABLE : ALL_WELL);
        }
        if (!parse_option(options, option))
            return false;
    }
    if (optind < argc)
        capture->command = argv + optind;
    if (capture->pid_count == 0 && capture->command == NULL)
        return wrong("name a process with -p, or a command behind --", "");
    if (capture->command != NULL && options->file != NULL &&
        strcmp(options->file, "-") == 0)
        return wrong("the recording and the command's output would both be on "
                     "the standard output: name a file with -o",
                     "");
    if (capture->max_overhead != 0 && capture->full == BLOCK)
        return wrong("--full block lets the program wait for as long as it "
                     "takes: choose it, or --max-overhead",
                     "");
    if (options->has_keep && capture->full != FLIGHT)
        return wrong("--keep is for --full flight", "");
    return true;
}

int record_main(int argc, char **argv)
{
    struct options options = {0};
    struct capture *capture = &options.capture;
    char file[64];

    if (!parse_command(&options, argc, argv))
        return UNREADABLE;
    snprintf(file, sizeof(file), "pytrace.%ld.rec",
             capture->pid_count != 0 ? capture->pids[0] : (long)getpid());
    return capture_run(capture, options.file != NULL ? options.file : file);
}
