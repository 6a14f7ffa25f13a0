/*
 * recorders.c - recorders, pytrace record, that come and go, are killed, and
 * see programs end.
 *
 *   recorders cycles PYTRACE BOARD SITES TIMES SEED
 *   recorders mixed  PYTRACE BOARD SITES TIMES SEED
 *   recorders rivals PYTRACE BOARD SITES TIMES SEED
 *   recorders kills  PYTRACE HOST SITES TIMES SEED
 *   recorders ends   PYTRACE MORTAL TIMES SEED
 *
 * SITES is the host's list of sites (sites.sh), BOARD the one of a host that
 * runs (host.c). How often guards said yes must be what the recorder has read,
 * and what it says is lost; but for one event of each thread, where threads run
 * while it begins or ends. Afterwards, no semaphore is raised.
 *
 * "cycles" records the host for some milliseconds, again and again; each tenth
 * time from and to a moment at which the host's threads wait: then the count
 * must be exact.
 *
 * "mixed" does the latter while the kernel's tracers come and go.
 *
 * "rivals" starts two recorders at the same moment: one records, the other is
 * refused, or records after it.
 *
 * "kills" starts hosts, and recorders of them, and kills these with SIGKILL:
 * TIMES of them while they record, and as many while they attach. Each host
 * notices; and each can be recorded again, exactly.
 *
 * "ends" records programs (mortal.c) which are killed, crash, exit or execute
 * another program, in the middle of their events.
 *
 * Prints what was counted. Exit status 1, and a sentence for the first thing
 * that is wrong; 2 when the command line is.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "board.h"
#include "recording.h"
#include "semaphores.h"
#include "uprobe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char *pytrace;
static struct site site[MARKERS];
static int markers;
static struct recording recording;

static __attribute__((__format__(__printf__, 1, 2), __noreturn__)) void
fail(const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "recorders: ");
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\n");
    exit(1);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* ---- a host ---- */

struct host {
    struct board *board;
    struct semaphores semaphores;
    pid_t pid;
};

static void open_host(struct host *host, const char *board)
{
    int tries;

    host->board = board_open(board);
    for (tries = 0; !host->board->ready; tries++) {
        if (tries == 20000)
            fail("the host does not start");
        usleep(1000);
    }
    host->pid = host->board->pid;
    semaphores_open(&host->semaphores, host->pid, site, markers);
}

static long taken(const struct host *host)
{
    long sum = 0;
    int i;

    for (i = 0; i < MARKERS; i++)
        sum += board_taken(host->board, i);
    return sum;
}

enum { RECORDED = 0x4000, ANY = 0xffff };

/* How many of its semaphores have one of these bits. */
static int raised(const struct host *host, int bits)
{
    int i, value, count = 0;

    for (i = 0; i < markers; i++) {
        value = semaphores_read(&host->semaphores, i);
        if (value == -1)
            fail("the host has ended");
        count += (value & bits) != 0;
    }
    return count;
}

static void check_nothing_is_left(const struct host *host, int bits)
{
    if (raised(host, bits) != 0)
        fail("%d semaphores are raised after the recording",
             raised(host, bits));
    if (host->board->wrong != 0)
        fail("%ld rounds had another result than untraced",
             (long)host->board->wrong);
}

/* How many descriptors of the process are shared memory of a recorder. */
static int segments(pid_t pid)
{
    char path[320], target[64] = "";
    struct dirent *entry;
    DIR *directory;
    int count = 0;

    snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
    directory = opendir(path);
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        snprintf(path, sizeof(path), "/proc/%d/fd/%s", (int)pid, entry->d_name);
        memset(target, 0, sizeof(target));
        if (readlink(path, target, sizeof(target) - 1) > 0)
            count += strncmp(target, "/memfd:pytrace", 14) == 0;
    }
    if (directory != NULL)
        closedir(directory);
    return count;
}

/* ---- a recorder ---- */

struct recorder {
    pid_t pid;
    char file[32], errors[32];
};

/* Its command line, and NULL. */
static void start(struct recorder *recorder, int number, char *const *command)
{
    char *arguments[24];
    int i, file;

    snprintf(recorder->file, sizeof(recorder->file), "%d.rec", number);
    snprintf(recorder->errors, sizeof(recorder->errors), "%d.err", number);
    unlink(recorder->file);
    arguments[0] = pytrace;
    arguments[1] = (char[]){"record"};
    arguments[2] = (char[]){"-o"};
    arguments[3] = recorder->file;
    for (i = 4; (arguments[i] = command[i - 4]) != NULL; i++)
        ;
    recorder->pid = fork();
    if (recorder->pid == -1)
        fail("a recorder cannot be started: %s", strerror(errno));
    if (recorder->pid != 0)
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    file = open(recorder->errors, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file == -1 || dup2(file, STDERR_FILENO) == -1)
        _exit(125);
    execv(pytrace, arguments);
    _exit(126);
}

/* Of a host; without a time, until it is ended. */
static void start_on(struct recorder *recorder, int number, pid_t pid,
                     const char *ring, int milliseconds)
{
    char of[16], seconds[16], size[16];
    char pid_option[] = "-p", ring_option[] = "--ring", time_option[] = "-d";
    char *command[] = {pid_option,  of,      ring_option, size,
                       time_option, seconds, NULL};

    snprintf(of, sizeof(of), "%d", (int)pid);
    snprintf(size, sizeof(size), "%s", ring);
    snprintf(seconds, sizeof(seconds), "0.%03d", milliseconds);
    if (milliseconds == 0)
        command[4] = NULL;
    start(recorder, number, command);
}

static void show_errors(const struct recorder *recorder)
{
    FILE *errors = fopen(recorder->errors, "r");
    char line[512];

    while (errors != NULL && fgets(line, sizeof(line), errors) != NULL)
        fputs(line, stderr);
    if (errors != NULL)
        fclose(errors);
}

/* Wait for its end, and return its exit status. */
static int wait_for(const struct recorder *recorder)
{
    int status;

    if (waitpid(recorder->pid, &status, 0) != recorder->pid)
        fail("a recorder is gone");
    if (!WIFEXITED(status)) {
        show_errors(recorder);
        fail("a recorder was ended by signal %d", WTERMSIG(status));
    }
    return WEXITSTATUS(status);
}

/* It has recorded: events and those lost. */
static long read_recording(const struct recorder *recorder, int status)
{
    if (status != 0 && status != 1) {
        show_errors(recorder);
        fail("a recorder had exit status %d", status);
    }
    recording_read(&recording, recorder->file);
    if (recording.why == -1)
        fail("%s has no end", recorder->file);
    if (status != (recording.lost != 0))
        fail("exit status %d, and %ld events lost", status, recording.lost);
    if (recording.unknown != 0)
        fail("%ld strings are not in the file", recording.unknown);
    return recording.events + recording.lost;
}

static void kill_now(const struct recorder *recorder)
{
    int status;

    kill(recorder->pid, SIGKILL);
    if (waitpid(recorder->pid, &status, 0) != recorder->pid ||
        !WIFSIGNALED(status)) {
        show_errors(recorder);
        fail("a recorder has ended before it was killed");
    }
}

/* Until all semaphores are raised, or none is; for a minute. */
static void await(const struct host *host, int are_raised)
{
    double end = now() + 60;

    while (raised(host, RECORDED) != (are_raised ? markers : 0)) {
        if (now() > end)
            fail("the semaphores of %d are %s", (int)host->pid,
                 are_raised ? "not raised" : "raised for a minute");
        usleep(500);
    }
}

/*
 * Record the host from and to moments at which it stands; returns the events.
 * A tracer of the kernel that writes a semaphore at the same moment as the
 * recorder can take its bit, until the recorder looks: only then, events may be
 * missing.
 */
static long record_exactly(const struct host *host, const char *ring)
{
    struct recorder recorder;
    long before, counted, was;
    int had_all;

    board_hold(host->board);
    before = taken(host);
    start_on(&recorder, 0, host->pid, ring, 0);
    await(host, 1);
    board_go(host->board);
    usleep((useconds_t)(random() % 4000));
    board_hold(host->board);
    had_all = raised(host, RECORDED) == markers;
    kill(recorder.pid, SIGINT);
    counted = read_recording(&recorder, wait_for(&recorder));
    was = taken(host) - before;
    check_nothing_is_left(host, RECORDED);
    board_go(host->board);
    if (had_all ? counted != was : counted > was)
        fail("%ld events were fired, and %ld recorded, %ld lost", was,
             recording.events, recording.lost);
    return counted;
}

/* As a program that has its own ring size keeps the memory for it. */
static const char *some_ring(void)
{
    static const char *const rings[] = {"4K", "64K", "1M"};

    return rings[random() % 3];
}

/*
 * A thread may be in the middle of an event at the beginning and at the end. It
 * counts an event before it fires it: one that was counted while an earlier
 * recorder was there can be recorded by the next.
 */
static void check_count(const struct host *host, long counted, long most)
{
    if (counted > most + host->board->threads ||
        counted < most - 2 * host->board->threads)
        fail("%ld events were fired, and %ld recorded, %ld lost", most,
             recording.events, recording.lost);
}

static void cycles(const char *board, long times)
{
    const char *ring = some_ring();
    struct recorder recorder;
    struct host host;
    long i, before, events = 0, lost = 0, exactly = 0, had_events = 0;

    open_host(&host, board);
    for (i = 0; i < times; i++) {
        if (i % 10 == 0) {
            exactly += record_exactly(&host, ring);
        } else {
            before = taken(&host);
            start_on(&recorder, 0, host.pid, ring, 1 + (int)(random() % 8));
            read_recording(&recorder, wait_for(&recorder));
            check_count(&host, recording.events + recording.lost,
                        taken(&host) - before);
            check_nothing_is_left(&host, ANY);
        }
        events += recording.events;
        lost += recording.lost;
        had_events += recording.events != 0;
    }
    if (exactly == 0 || had_events < times / 2)
        fail("only %ld of %ld recordings had events", had_events, times);
    if (segments(host.pid) != 1)
        fail("the host has %d segments", segments(host.pid));
    printf("%ld cycles with rings of %s, %ld events recorded, %ld lost, %ld of "
           "them counted exactly\n",
           times, ring, events, lost, exactly);
}

/* ---- beside the kernel's tracers ---- */

/* Trace markers by the kernel, one after the other, in another process. */
static pid_t come_and_go(const atomic_int *is_over)
{
    unsigned seed = (unsigned)random();
    pid_t pid = fork();

    if (pid == -1)
        fail("a tracer cannot be started: %s", strerror(errno));
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    srandom(seed);
    while (!*is_over) {
        struct uprobe uprobe;

        uprobe_open(&uprobe, &site[random() % markers], -1);
        usleep((useconds_t)(random() % 1000));
        uprobe_close(&uprobe);
    }
    _exit(0);
}

static void mixed(const char *board, long times)
{
    const char *ring = some_ring();
    struct host host;
    long i, events = 0;
    atomic_int *is_over = mmap(NULL, sizeof(*is_over), PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (is_over == MAP_FAILED)
        fail("there is no memory");
    open_host(&host, board);
    for (i = 0; i < times; i++) {
        pid_t tracer;
        int status;

        *is_over = 0;
        tracer = come_and_go(is_over);
        events += record_exactly(&host, ring);
        *is_over = 1;
        if (waitpid(tracer, &status, 0) != tracer || status != 0)
            fail("a tracer failed");
        check_nothing_is_left(&host, ANY);
    }
    printf("%ld recordings while tracers came and went, %ld events counted "
           "exactly\n",
           times, events);
}

/* ---- two at once ---- */

static int was_refused(const struct recorder *recorder, int status)
{
    char command[64];

    snprintf(command, sizeof(command), "grep -q 'recorded already' %s",
             recorder->errors);
    return status == 2 && system(command) == 0;
}

static void rivals(const char *board, long times)
{
    const char *ring = some_ring();
    struct recorder one, other;
    struct host host;
    long i, before, counted, refused = 0;
    int status, other_status;

    open_host(&host, board);
    for (i = 0; i < times; i++) {
        before = taken(&host);
        start_on(&one, 0, host.pid, ring, 30);
        if (random() % 2 == 0)
            usleep((useconds_t)(random() % 10000));
        start_on(&other, 1, host.pid, ring, 30);
        status = wait_for(&one);
        other_status = wait_for(&other);
        counted = 0;
        refused +=
            was_refused(&one, status) + was_refused(&other, other_status);
        if (was_refused(&one, status) && was_refused(&other, other_status))
            fail("both recorders were refused");
        if (!was_refused(&one, status))
            counted += read_recording(&one, status);
        if (!was_refused(&other, other_status))
            counted += read_recording(&other, other_status);
        before = taken(&host) - before;
        if (counted > before + host.board->threads ||
            counted < before - 4 * host.board->threads)
            fail("%ld events were fired, and %ld counted", before, counted);
        check_nothing_is_left(&host, ANY);
    }
    if (refused == 0)
        fail("no recorder was refused");
    printf("%ld pairs of recorders, %ld refused\n", times, refused);
}

/* ---- recorders are killed ---- */

enum { HOSTS = 10 };

static void start_host(struct host *host, const char *program, int number)
{
    char name[32], threads[] = "2";

    snprintf(name, sizeof(name), "board.%d", number);
    board_open(name)->rest = 100;
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execl(program, program, name, threads, (char *)NULL);
        _exit(126);
    }
    open_host(host, name);
}

static void kill_recorder(const struct host *host, const char *ring,
                          int while_it_attaches)
{
    struct recorder recorder;
    long before = taken(host);

    start_on(&recorder, 0, host->pid, ring, 0);
    if (!while_it_attaches)
        await(host, 1);
    usleep((useconds_t)(random() % 8000));
    kill_now(&recorder);
    if (access(recorder.file, F_OK) == 0) {
        recording_read(&recording, recorder.file);
        if (recording.events > taken(host) - before)
            fail("it recorded %ld events, and %ld were fired", recording.events,
                 taken(host) - before);
    }
}

/* TIMES of one kind, then of the other. */
static void kills(const char *program, long times)
{
    struct host host[HOSTS];
    const char *ring[HOSTS];
    double began, longest = 0;
    long killed, events = 0, raised_then = 0;
    int i, kind;

    for (i = 0; i < HOSTS; i++) {
        ring[i] = some_ring();
        start_host(&host[i], program, i);
    }
    for (kind = 0; kind < 2; kind++)
        for (killed = 0; killed < times; killed += HOSTS) {
            for (i = 0; i < HOSTS; i++)
                kill_recorder(&host[i], ring[i], kind);
            began = now();
            for (i = 0; i < HOSTS; i++) {
                struct recorder recorder;

                raised_then += raised(&host[i], RECORDED) != 0;
                if (i % 3 == 0) { /* the next one comes at once */
                    start_on(&recorder, 0, host[i].pid, ring[i], 20);
                    read_recording(&recorder, wait_for(&recorder));
                    check_nothing_is_left(&host[i], ANY);
                }
            }
            for (i = 0; i < HOSTS; i++)
                await(&host[i], 0);
            if (now() - began > longest)
                longest = now() - began;
            for (i = 0; i < HOSTS; i++) {
                events += record_exactly(&host[i], ring[i]);
                if (segments(host[i].pid) != 1)
                    fail("the host has %d segments", segments(host[i].pid));
            }
        }
    if (raised_then == 0 || events == 0)
        fail("no recorder was killed in time, or the next had no events");
    for (i = 0; i < HOSTS; i++)
        host[i].board->stop = 1;
    for (i = 0; i < HOSTS; i++) {
        int status;

        waitpid(host[i].pid, &status, 0);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
            fail("a host failed");
    }
    printf("%ld recorders killed, %ld with semaphores raised, all 0 after %.1f "
           "s at most; %ld events of the next ones counted exactly\n",
           2 * killed, raised_then, longest, events);
}

/* ---- programs end ---- */

static const struct {
    char how[8];
    int status; /* of the recorder, which is the command's */
} ends[] = {{"kill", 128 + SIGKILL},
            {"crash", 128 + SIGSEGV},
            {"abort", 128 + SIGABRT},
            {"exit", 3},
            {"leave", 4},
            {"exec", 0},
            {"wait", 128 + SIGKILL}};

static void kill_mortal(const struct board *board)
{
    double end = now() + 60;

    while (board_fired(board, 0) == 0) {
        if (now() > end)
            fail("a program fires nothing");
        usleep(100);
    }
    usleep((useconds_t)(random() % 20000));
    kill(board->pid, SIGKILL);
}

static void check_end(const struct board *board, const char *how,
                      const struct recorder *recorder)
{
    long most = board_taken(board, 0), least = board_fired(board, 0);
    long counted;

    recording_read(&recording, recorder->file);
    counted = recording.events + recording.lost;
    if (recording.why == -1)
        fail("%s: the recording has no end", how);
    if (counted < least || counted > most)
        fail("%s: %ld to %ld events were fired, and %ld recorded, %ld lost",
             how, least, most, recording.events, recording.lost);
    if (recording.lost == 0 && recording.gaps != 0)
        fail("%s: nothing was lost, and %ld numbers are missing", how,
             recording.gaps);
    if (recording.gaps > recording.lost)
        fail("%s: %ld gaps, and %ld events lost", how, recording.gaps,
             recording.lost);
}

static void end_one(char *program, long number, long *events, long *lost)
{
    char how[8], threads[16], after[16], size[16], full[16];
    char ring_option[] = "--ring", full_option[] = "--full", minus[] = "--";
    char name[] = "board";
    char *command[] = {ring_option, size,    full_option, full, minus, program,
                       name,        threads, after,       how,  NULL};
    const int kind = (int)(number % (long)(sizeof(ends) / sizeof(*ends)));
    struct recorder recorder;
    struct board *board;
    int status;

    unlink(name);
    board = board_open(name);
    strcpy(how, ends[kind].how);
    snprintf(size, sizeof(size), "%s", some_ring());
    strcpy(full, random() % 3 == 0 ? "block" : "drop");
    snprintf(threads, sizeof(threads), "%ld", 1 + random() % 3);
    snprintf(after, sizeof(after), "%ld", random() % 20000);
    start(&recorder, 0, command);
    if (strcmp(how, "wait") == 0)
        kill_mortal(board);
    status = wait_for(&recorder);
    if (status != ends[kind].status) {
        show_errors(&recorder);
        fail("%s: exit status %d, and not %d", how, status, ends[kind].status);
    }
    check_end(board, how, &recorder);
    /* (Those that a thread never finished are lost.) */
    if (strcmp(full, "block") == 0 && recording.lost > board->threads)
        fail("%s: %ld events lost, with --full block", how, recording.lost);
    *events += recording.events;
    *lost += recording.lost;
    board_close(board);
}

static void programs_end(char *program, long times)
{
    long i, events = 0, lost = 0;

    for (i = 0; i < times; i++)
        end_one(program, i, &events, &lost);
    printf("%ld programs ended, %ld events recorded, %ld lost\n", times, events,
           lost);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    long times = argc > 4 ? atol(argv[argc - 2]) : 0;

    if (times <= 0 || argc != (strcmp(what, "ends") == 0 ? 6 : 7)) {
        fprintf(stderr,
                "usage: recorders cycles|mixed|rivals|kills|ends PYTRACE "
                "BOARD|PROGRAM [SITES] TIMES SEED\n");
        return 2;
    }
    pytrace = argv[2];
    srandom((unsigned)atol(argv[argc - 1]));
    if (argc == 7)
        markers = read_sites(argv[4], site);
    if (strcmp(what, "cycles") == 0)
        cycles(argv[3], times);
    else if (strcmp(what, "mixed") == 0)
        mixed(argv[3], times);
    else if (strcmp(what, "rivals") == 0)
        rivals(argv[3], times);
    else if (strcmp(what, "kills") == 0)
        kills(argv[3], times);
    else if (strcmp(what, "ends") == 0)
        programs_end(argv[3], times);
    else
        return 2;
    return 0;
}
