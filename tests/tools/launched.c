/*
 * launched.c - commands for tests/launch.sh: what programs do with processes,
 * threads, signals and descriptors. launched WHAT [ARGUMENT...]
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char **rest; /* the arguments */

static int status_of(pid_t pid)
{
    int status;

    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return 98;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* COUNT PROGRAM...: start it as often, in that way; print how many were well */
static int storm(pid_t (*start)(void))
{
    long left = atol(*rest++);
    long good = 0;

    while (left-- > 0)
        good += status_of(start()) == 0;
    printf("%ld\n", good);
    return 0;
}

static pid_t by_fork(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        execv(rest[0], rest);
        _exit(97);
    }
    return pid;
}

static pid_t by_vfork(void)
{
    pid_t pid = vfork();

    if (pid == 0) {
        execv(rest[0], rest);
        _exit(97);
    }
    return pid;
}

static pid_t by_spawn(void)
{
    pid_t pid;

    return posix_spawn(&pid, rest[0], NULL, NULL, rest, environ) == 0 ? pid
                                                                      : -1;
}

static int do_fork(void)
{
    return storm(by_fork);
}

static int do_vfork(void)
{
    return storm(by_vfork);
}

static int do_spawn(void)
{
    return storm(by_spawn);
}

/* COUNT: execute this program again, so often */
static int do_exec(void)
{
    char number[32];
    long left = atol(rest[0]);

    if (left == 0)
        return 0;
    snprintf(number, sizeof(number), "%ld", left - 1);
    execl("/proc/self/exe", "launched", "exec", number, (char *)NULL);
    return 97;
}

static void *execute(void *data)
{
    (void)data;
    execvp(rest[0], rest);
    _exit(97);
}

/* PROGRAM...: a thread that is not the first one executes it */
static int do_thread(void)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, execute, NULL) != 0)
        return 98;
    for (;;)
        pause();
}

static void *do_nothing(void *data)
{
    return data;
}

static void *wait_for_ever(void *data)
{
    (void)data;
    for (;;)
        pause();
    return NULL;
}

/* COUNT FILE: so many threads that only wait; the file has its number */
static int do_idle(void)
{
    long left = atol(rest[0]);
    FILE *file;
    pthread_t thread;

    while (left-- > 0)
        if (pthread_create(&thread, NULL, wait_for_ever, NULL) != 0)
            return 98;
    file = fopen(rest[1], "w");
    if (file == NULL)
        return 98;
    fprintf(file, "%ld\n", (long)getpid());
    fclose(file);
    wait_for_ever(NULL);
    return 0;
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* COUNT: start so many threads, and print how many microseconds one takes */
static int do_threads(void)
{
    long count = atol(rest[0]);
    long left = count;
    double begin = now();
    pthread_t thread;

    while (left-- > 0)
        if (pthread_create(&thread, NULL, do_nothing, NULL) != 0 ||
            pthread_join(thread, NULL) != 0)
            return 98;
    printf("%.1f\n", (now() - begin) * 1e6 / (double)count);
    return 0;
}

static volatile sig_atomic_t received;
static volatile sig_atomic_t wrong;

static void count_signal(int signal, siginfo_t *info, void *context)
{
    (void)context;
    received = received + 1;
    if (info->si_signo != signal || info->si_pid != getpid() ||
        info->si_value.sival_int != received)
        wrong = 1;
}

/* COUNT: queue so many signals to itself, with a number; print those it got */
static int do_queue(void)
{
    struct sigaction action = {.sa_sigaction = count_signal,
                               .sa_flags = SA_SIGINFO};
    long count = atol(rest[0]);
    double begin;
    int i;

    sigaction(SIGRTMIN, &action, NULL);
    puts("ready");
    fflush(stdout);
    begin = now();
    for (i = 1; i <= count; i++)
        sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i});
    fprintf(stderr, "%.2f microseconds\n",
            (now() - begin) * 1e6 / (double)count);
    printf("%d%s\n", received, wrong ? ", but others" : "");
    return 0;
}

static void count_tick(int signal)
{
    (void)signal;
    received = received + 1;
}

/* COUNT: until so many ticks of a timer of 1 kHz have come */
static int do_timer(void)
{
    struct sigaction action = {.sa_handler = count_tick,
                               .sa_flags = SA_RESTART};
    struct itimerval interval = {{0, 1000}, {0, 1000}};
    long count = atol(rest[0]);

    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &interval, NULL);
    while (received < count)
        pause();
    puts("ticked");
    return 0;
}

/* TEXT: say "ready", read a line, and say the text */
static int do_ask(void)
{
    char line[64];

    puts("ready");
    fflush(stdout);
    while (fgets(line, sizeof(line), stdin) == NULL)
        if (!ferror(stdin) || errno != EINTR)
            return 96;
        else
            clearerr(stdin);
    puts(rest[0]);
    return 0;
}

static void say_signal(int signal)
{
    char text[] = "signal 00\n";

    text[7] = (char)('0' + signal / 10);
    text[8] = (char)('0' + signal % 10);
    if (write(STDOUT_FILENO, text, sizeof(text) - 1) < 0)
        _exit(95);
    _exit(5);
}

/* SIGNAL...: say "ready", wait for one of them, and say which */
static int do_handle(void)
{
    for (; *rest != NULL; rest++)
        signal(atoi(*rest), say_signal);
    puts("ready");
    fflush(stdout);
    for (;;)
        pause();
    return 0;
}

/* FILE: become a daemon, which says its parent's number there, and ends */
static int do_daemon(void)
{
    FILE *file;
    pid_t starter = getpid();

    if (daemon(1, 1) != 0)
        return 98;
    while (getppid() == starter)
        usleep(1000);
    file = fopen(rest[0], "w");
    if (file == NULL)
        return 98;
    fputs("daemon\n", file);
    fclose(file);
    return 7;
}

/* PROGRAM...: close all descriptors, and execute it */
static int do_close(void)
{
    int i;

    for (i = 0; i < 1024; i++)
        close(i);
    execv(rest[0], rest);
    return 97;
}

/* Be traced by the parent: say whether that could be had */
static int do_traceme(void)
{
    puts(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 ? "traced"
                                                    : strerror(errno));
    return 0;
}

/* Trace a child of its own to its end, as a debugger does */
static int do_debug(void)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
            _exit(94);
        execl("/bin/true", "true", (char *)NULL);
        _exit(97);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return 98;
    if (!WIFSTOPPED(status)) {
        puts("could not trace");
        return 0;
    }
    printf("stopped by %d\n", WSTOPSIG(status));
    if (ptrace(PTRACE_CONT, pid, NULL, NULL) != 0)
        return 98;
    printf("ended with %d\n", status_of(pid));
    return 0;
}

/* All that a program has from its parent, and can see */
static int do_surroundings(void)
{
    static const char *const words[] = {
        "SigPnd", "ShdPnd", "SigBlk",       "SigIgn",  "SigCgt",     "CapInh",
        "CapPrm", "CapEff", "CapAmb",       "Umask",   "NoNewPrivs", "Uid",
        "Gid",    "Groups", "Cpus_allowed", "Seccomp", "CoreDumping"};
    char line[4096];
    FILE *file = fopen("/proc/self/status", "re");
    size_t i;
    int descriptor;

    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
            if (strncmp(line, words[i], strlen(words[i])) == 0 &&
                line[strlen(words[i])] == ':')
                fputs(line, stdout);
    if (file != NULL)
        fclose(file);
    for (i = 0; environ[i] != NULL; i++)
        puts(environ[i]);
    for (descriptor = 0; descriptor < 1024; descriptor++)
        if (fcntl(descriptor, F_GETFD) >= 0)
            printf("descriptor %d: %d %x\n", descriptor,
                   fcntl(descriptor, F_GETFD), fcntl(descriptor, F_GETFL));
    printf("session %d\n", getsid(0) == getsid(getppid()));
    printf("group %d\n", getpgrp() == getpgid(getppid()));
    printf("priority %d\n", nice(0));
    file = fopen("/proc/self/limits", "re");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        fputs(line, stdout);
    return 0;
}

static const struct {
    const char *name;
    int (*main)(void);
} all[] = {{"ask", do_ask},
           {"close", do_close},
           {"daemon", do_daemon},
           {"debug", do_debug},
           {"exec", do_exec},
           {"fork", do_fork},
           {"handle", do_handle},
           {"idle", do_idle},
           {"queue", do_queue},
           {"spawn", do_spawn},
           {"surroundings", do_surroundings},
           {"thread", do_thread},
           {"threads", do_threads},
           {"timer", do_timer},
           {"traceme", do_traceme},
           {"vfork", do_vfork}};

int main(int argc, char **argv)
{
    size_t i;

    rest = argv + 2;
    for (i = 0; argc > 1 && i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(argv[1], all[i].name) == 0)
            return all[i].main();
    return 99;
}
