/*
 * launch.c - a command that is traced by ptrace from its first program on.
 *
 * The caller's thread forks, so that the command's parent lives as long as the
 * recorder. The child waits until the tracing thread has seized it, and
 * executes the command. The tracing thread does all that ptrace needs:
 *
 *   - It looks at a stop without taking it (WNOWAIT) and resumes the process
 *     with its signal. So a recorder that is killed between the two takes no
 *     signal away: the kernel resumes the process with the stop's own.
 *   - To release all processes it ends: the kernel detaches them.
 *   - Without follow, only the first thread of the command is traced. When
 *     another thread executes a program, the kernel lets the first go without a
 *     word, and there is nothing left to wait for: the process is seized again.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "launch.h"

#include "linker.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

/* For what is this thread's own, whatever kind of process it is. */
#define WAITING (__WALL | __WNOTHREAD)

/* A process that is traced. Its other threads are known to the kernel only. */
struct process {
    pid_t pid;
    bool is_loading; /* its linker is at work; no host is found yet */
    struct linker linker;
    struct linker_call call; /* the last that it made */
};

struct launch {
    char *const *command;
    bool follow;
    const struct launch_calls *calls;
    sigset_t mask; /* the command's */
    bool is_ignored[NSIG];

    pid_t pid;
    int go[2];    /* to the child: execute */
    int error[2]; /* from the child: why it could not */
    pthread_t thread;
    bool has_thread;

    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t changed;
    bool is_started, is_ended; /* the command */
    int why_not;               /* an errno: the command could not be executed */
    bool is_leaving, has_left; /* the thread shall end; it will now */
    struct launch_event *events;
    size_t event_count;
    int descriptor; /* an eventfd, which is readable while there are events */

    /* The tracing thread's alone. */
    struct process *processes;
    size_t process_count;
    bool is_seized_again; /* and has not stopped yet */
    atomic_bool is_traced;
};

/* ---- what the two threads say to each other ---- */

static void set(struct launch *launch, bool *flag)
{
    pthread_mutex_lock(&launch->mutex);
    *flag = true;
    pthread_cond_broadcast(&launch->changed);
    pthread_mutex_unlock(&launch->mutex);
}

static bool is_set(struct launch *launch, const bool *flag)
{
    bool value;

    pthread_mutex_lock(&launch->mutex);
    value = *flag;
    pthread_mutex_unlock(&launch->mutex);
    return value;
}

/* Nothing is lost when it fails: the reader has died, or knows already. */
static void write_to(int descriptor, const void *bytes, size_t size)
{
    ssize_t written = write(descriptor, bytes, size);

    (void)written;
}

static void put(struct launch *launch, struct launch_event event)
{
    uint64_t one = 1;

    pthread_mutex_lock(&launch->mutex);
    launch->events = grown(launch->events, launch->event_count, sizeof(event));
    launch->events[launch->event_count++] = event;
    write_to(launch->descriptor, &one, sizeof(one));
    pthread_mutex_unlock(&launch->mutex);
}

bool launch_next(struct launch *launch, struct launch_event *event)
{
    uint64_t number;
    bool there;

    pthread_mutex_lock(&launch->mutex);
    there = launch->event_count != 0;
    if (there) {
        *event = launch->events[0];
        memmove(launch->events, launch->events + 1,
                --launch->event_count * sizeof(*event));
    }
    if (launch->event_count == 0)
        there &= read(launch->descriptor, &number, sizeof(number)) > 0;
    pthread_mutex_unlock(&launch->mutex);
    return there;
}

__attribute__((format(printf, 2, 3))) static void
tell(const struct launch *launch, const char *format, ...)
{
    struct reason reason;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reason.text, sizeof(reason.text), format, arguments);
    va_end(arguments);
    launch->calls->tell(reason.text, launch->calls->data);
}

/* The command has started, has ended before, or could not be executed. */
static void note_start(struct launch *launch)
{
    siginfo_t info;

    if (is_set(launch, &launch->is_started))
        return;
    if (read(launch->error[0], &launch->why_not, sizeof(launch->why_not)) !=
        sizeof(launch->why_not))
        launch->why_not = 0;
    if (launch->why_not != 0 && !launch->is_traced) {
        waitid(P_PID, (id_t)launch->pid, &info, WEXITED);
        launch->is_ended = true;
    }
    set(launch, &launch->is_started);
}

static void note_end(struct launch *launch, const siginfo_t *info)
{
    int status = info->si_code == CLD_EXITED   ? (info->si_status & 0xff) << 8
                 : info->si_code == CLD_DUMPED ? info->si_status | 0x80
                                               : info->si_status;

    if (info->si_pid == launch->pid) {
        note_start(launch);
        set(launch, &launch->is_ended);
    }
    put(launch, (struct launch_event){.kind = LAUNCH_ENDED,
                                      .pid = info->si_pid,
                                      .status = status});
}

/*
 * The terminal has stopped the command, and sent its signal to the recorder,
 * where it is blocked. The shell waits for the recorder: stop it as well. The
 * shell lets both run on.
 */
static void stop_too(int signal)
{
    static const struct timespec patience = {.tv_nsec = 20 * 1000 * 1000};
    sigset_t stops;

    if (signal != SIGTSTP && signal != SIGTTIN && signal != SIGTTOU)
        return;
    sigemptyset(&stops);
    sigaddset(&stops, signal);
    if (sigtimedwait(&stops, NULL, &patience) == signal)
        kill(getpid(), SIGSTOP);
}

/* ---- the processes ---- */

static struct process *find_process(struct launch *launch, pid_t pid)
{
    size_t i;

    for (i = 0; i < launch->process_count; i++)
        if (launch->processes[i].pid == pid)
            return &launch->processes[i];
    return NULL;
}

static struct process *add_process(struct launch *launch, pid_t pid)
{
    struct process *process;

    launch->processes = grown(launch->processes, launch->process_count,
                              sizeof(*launch->processes));
    process = &launch->processes[launch->process_count++];
    *process = (struct process){.pid = pid};
    return process;
}

/* A thread's number is its process's only where it is the first. */
static bool is_process(pid_t pid)
{
    return syscall(SYS_tgkill, pid, pid, 0) == 0;
}

/* What /proc/PID/status has behind this word, read in that form. */
static bool read_status(pid_t pid, const char *form, ...)
    __attribute__((format(scanf, 2, 3)));

static bool read_status(pid_t pid, const char *form, ...)
{
    char name[64];
    FILE *file;
    char line[256];
    va_list arguments;
    bool found = false;

    snprintf(name, sizeof(name), "/proc/%ld/status", (long)pid);
    file = fopen(name, "re");
    if (file == NULL)
        return false;
    while (!found && fgets(line, sizeof(line), file) != NULL) {
        va_start(arguments, form);
        found = vsscanf(line, form, arguments) == 1;
        va_end(arguments);
    }
    fclose(file);
    return found;
}

/* The kernel gives a traced process no privilege that its tracer has not. */
static void tell_of_privilege(const struct launch *launch, pid_t pid)
{
    char name[64];
    struct stat status;
    unsigned user, group;
    unsigned long long capabilities;
    bool is_lost = false;

    snprintf(name, sizeof(name), "/proc/%ld/exe", (long)pid);
    if (stat(name, &status) != 0)
        return;
    if ((status.st_mode & S_ISUID) != 0)
        is_lost =
            read_status(pid, "Uid: %*u %u", &user) && user != status.st_uid;
    if (!is_lost && (status.st_mode & S_ISGID) != 0)
        is_lost =
            read_status(pid, "Gid: %*u %u", &group) && group != status.st_gid;
    if (!is_lost && getxattr(name, "security.capability", NULL, 0) > 0)
        is_lost = read_status(pid, "CapPrm: %llx", &capabilities) &&
                  capabilities == 0;
    if (is_lost)
        tell(launch,
             "process %ld executes a program that has privileges of its own, "
             "and runs without them, as it is traced: start it first, and "
             "record it with -p, as root",
             (long)pid);
}

/* ---- what they do when they stop ---- */

/* The kernel's; not every system's headers have it. */
#define GET_SYSCALL_INFO 0x420e
enum { SYSCALL_ENTRY = 1, SYSCALL_EXIT = 2 };
struct syscall_info {
    uint8_t stop;
    uint8_t padding[3];
    uint32_t architecture;
    uint64_t pointer, stack;
    uint64_t number; /* when it begins; its result, when it ends */
    uint64_t arguments[8];
};

static void resume(struct launch *launch, pid_t pid, int signal)
{
    const struct process *process = find_process(launch, pid);

    ptrace(process != NULL && process->is_loading ? PTRACE_SYSCALL
                                                  : PTRACE_CONT,
           pid, 0L, (long)signal);
}

static void look(struct launch *launch, struct process *process)
{
    if (launch->calls->mapped(process->pid, launch->calls->data))
        process->is_loading = false;
}

static void note_exec(struct launch *launch, pid_t pid)
{
    struct process *process = find_process(launch, pid);

    if (process == NULL)
        process = add_process(launch, pid);
    tell_of_privilege(launch, pid);
    process->is_loading = linker_find(pid, &process->linker);
    process->call = (struct linker_call){0};
    look(launch, process);
    put(launch, (struct launch_event){.kind = LAUNCH_EXECUTED, .pid = pid});
    if (pid == launch->pid)
        note_start(launch);
}

static void note_call(struct launch *launch, pid_t pid)
{
    struct process *process = find_process(launch, pid);
    struct syscall_info info;

    if (process == NULL || !process->is_loading)
        return;
    memset(&info, 0, sizeof(info));
    if (ptrace(GET_SYSCALL_INFO, pid, sizeof(info), &info) <= 0) {
        /* Linux before 5.3: a library is found when the recorder looks. */
        process->is_loading = false;
    } else if (info.stop == SYSCALL_ENTRY) {
        process->call =
            (struct linker_call){info.architecture, info.number, info.pointer};
        process->is_loading = linker_calls(&process->linker, &process->call);
    } else if (info.stop == SYSCALL_EXIT && linker_closes(&process->call)) {
        look(launch, process);
    }
}

/*
 * A new process, or thread. It stops and its parent stops, one before the
 * other, and it may have ended before its parent's stop is seen, which is then
 * over.
 */
static void note_new(struct launch *launch, pid_t pid)
{
    unsigned tracer = 0;
    long parent = 0;

    if (find_process(launch, pid) != NULL || !is_process(pid) ||
        !read_status(pid, "TracerPid: %u", &tracer) || tracer == 0)
        return;
    add_process(launch, pid);
    read_status(pid, "PPid: %ld", &parent);
    put(launch, (struct launch_event){
                    .kind = LAUNCH_FORKED, .pid = pid, .parent = parent});
}

/* A stop by no signal: of a new process, or at the end of a group's stop. */
static void note_trap(struct launch *launch, pid_t pid)
{
    if (pid != launch->pid)
        note_new(launch, pid);
    else if (launch->is_seized_again)
        note_exec(launch, pid);
    launch->is_seized_again &= pid != launch->pid;
}

static void note_stop(struct launch *launch, pid_t pid, int status)
{
    int signal = status & 0xff;
    unsigned long child;
    siginfo_t taken;

    switch (status >> 8) {
    case 0:
        if (signal != (SIGTRAP | 0x80)) {
            resume(launch, pid, signal);
            return;
        }
        note_call(launch, pid);
        break;
    case PTRACE_EVENT_EXEC:
        /* The kernel obeys after another thread's exec only when it is taken.
         */
        waitid(P_PID, (id_t)pid, &taken, WEXITED | WAITING);
        launch->is_seized_again &= pid != launch->pid;
        note_exec(launch, pid);
        break;
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE:
        if (ptrace(PTRACE_GETEVENTMSG, pid, 0L, &child) == 0)
            note_new(launch, (pid_t)child);
        break;
    case PTRACE_EVENT_STOP:
        if (signal != SIGTRAP) {
            ptrace(PTRACE_LISTEN, pid, 0L, 0L);
            if (pid == launch->pid)
                stop_too(signal);
            return;
        }
        note_trap(launch, pid);
        break;
    default: break;
    }
    resume(launch, pid, 0);
}

static void note_death(struct launch *launch, siginfo_t *info)
{
    struct process *process = find_process(launch, info->si_pid);

    waitid(P_PID, (id_t)info->si_pid, info, WEXITED | WAITING);
    if (process == NULL)
        return; /* a thread, or a process that had not begun */
    *process = launch->processes[--launch->process_count];
    note_end(launch, info);
}

/* ---- the tracing thread ---- */

static bool seize(const struct launch *launch)
{
    long options = PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD;

    if (launch->follow)
        options |=
            PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
    return ptrace(PTRACE_SEIZE, launch->pid, 0L, options) == 0;
}

/* Whether the thread shall end, or there is nothing left to wait for. */
static bool is_over(struct launch *launch, int error)
{
    if (error != ECHILD)
        return is_set(launch, &launch->is_leaving);
    if (launch->is_ended || !seize(launch))
        return true;
    launch->is_seized_again = true;
    return ptrace(PTRACE_INTERRUPT, launch->pid, 0L, 0L) != 0;
}

static void trace(struct launch *launch)
{
    siginfo_t info;

    for (;;) {
        int result = waitid(P_ALL, 0, &info, WEXITED | WNOWAIT | WAITING);

        if (is_over(launch, result == 0 ? 0 : errno))
            return;
        if (result != 0)
            continue;
        if (info.si_code == CLD_TRAPPED || info.si_code == CLD_STOPPED)
            note_stop(launch, info.si_pid, info.si_status);
        else
            note_death(launch, &info);
        if (launch->is_ended && !launch->follow)
            return;
    }
}

/* Wait for the end of the command, which is not traced. */
static void await(struct launch *launch)
{
    siginfo_t info;

    for (;;) {
        if (waitid(P_PID, (id_t)launch->pid, &info, WEXITED | WSTOPPED) != 0) {
            if (errno != EINTR || is_set(launch, &launch->is_leaving))
                return;
        } else if (info.si_code == CLD_STOPPED) {
            stop_too(info.si_status);
        } else {
            note_end(launch, &info);
            return;
        }
    }
}

static void begin(struct launch *launch)
{
    launch->is_traced = seize(launch);
    if (!launch->is_traced)
        tell(launch,
             "the command cannot be traced (ptrace: %s), so its first events "
             "may be missed",
             strerror(errno));
    add_process(launch, launch->pid);
    close(launch->go[0]);
    write_to(launch->go[1], "", 1);
    close(launch->go[1]);
    launch->go[1] = -1;
    if (!launch->is_traced)
        note_start(launch);
}

static void *run_thread(void *data)
{
    struct launch *launch = data;
    sigset_t interruption;

    sigemptyset(&interruption);
    sigaddset(&interruption, SIGURG);
    pthread_sigmask(SIG_UNBLOCK, &interruption, NULL);
    if (launch->go[1] >= 0)
        begin(launch);
    if (launch->is_traced)
        trace(launch);
    launch->is_traced = false;
    if (!launch->is_ended && !is_set(launch, &launch->is_leaving))
        await(launch);
    set(launch, &launch->has_left);
    return NULL;
}

/* ---- the child ---- */

/* Only what a signal handler may do: other threads are not here. */
static void execute(const struct launch *launch)
{
    struct sigaction action;
    char byte;
    int signal, error;

    close(launch->go[1]);
    memset(&action, 0, sizeof(action));
    for (signal = 1; signal < NSIG; signal++) {
        action.sa_handler = launch->is_ignored[signal] ? SIG_IGN : SIG_DFL;
        sigaction(signal, &action, NULL);
    }
    if (read(launch->go[0], &byte, 1) != 1)
        _exit(127); /* the recorder has died */
    sigprocmask(SIG_SETMASK, &launch->mask, NULL);
    execvp(launch->command[0], launch->command);
    error = errno;
    write_to(launch->error[1], &error, sizeof(error));
    _exit(127);
}

/* ---- the caller's thread ---- */

struct launch *launch_new(char *const *command, bool follow,
                          const struct launch_calls *calls)
{
    struct launch *launch = allocate(1, sizeof(*launch));
    struct sigaction action;
    sigset_t stops;
    int signal;

    launch->command = command;
    launch->follow = follow;
    launch->calls = calls;
    launch->descriptor = launch->go[1] = launch->error[0] = -1;
    pthread_mutex_init(&launch->mutex, NULL);
    pthread_cond_init(&launch->changed, NULL);
    for (signal = 1; signal < NSIG; signal++)
        launch->is_ignored[signal] = sigaction(signal, NULL, &action) == 0 &&
                                     (action.sa_flags & SA_SIGINFO) == 0 &&
                                     action.sa_handler == SIG_IGN;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTSTP);
    sigaddset(&stops, SIGTTIN);
    sigaddset(&stops, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &stops, &launch->mask);
    return launch;
}

/* It interrupts the thread's waiting, and that is all. */
static void do_nothing(int signal)
{
    (void)signal;
}

static bool start_thread(struct launch *launch)
{
    struct sigaction action;
    sigset_t all, mask;

    memset(&action, 0, sizeof(action));
    action.sa_handler = do_nothing;
    sigaction(SIGURG, &action, NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &mask);
    launch->is_leaving = launch->has_left = false;
    launch->has_thread =
        pthread_create(&launch->thread, NULL, run_thread, launch) == 0;
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    return launch->has_thread;
}

static void end_thread(struct launch *launch)
{
    struct timespec end;

    if (!launch->has_thread)
        return;
    set(launch, &launch->is_leaving);
    pthread_mutex_lock(&launch->mutex);
    while (!launch->has_left) {
        /* Again and again: it may have come before the thread waits. */
        pthread_kill(launch->thread, SIGURG);
        clock_gettime(CLOCK_REALTIME, &end);
        end.tv_nsec += 1000 * 1000;
        end.tv_sec += end.tv_nsec / 1000000000;
        end.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&launch->changed, &launch->mutex, &end);
    }
    pthread_mutex_unlock(&launch->mutex);
    pthread_join(launch->thread, NULL);
    launch->has_thread = false;
}

/* All signals are blocked in the child until it is their turn. */
static bool fork_child(struct launch *launch)
{
    sigset_t all, mask;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &mask);
    launch->pid = fork();
    if (launch->pid == 0)
        execute(launch);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    return launch->pid > 0;
}

static int why_not(const struct launch *launch, struct reason *reason)
{
    const char *name = launch->command[0];

    if (launch->why_not != ENOENT)
        because(reason, "%s cannot be executed: %s", name,
                strerror(launch->why_not));
    else if (strchr(name, '/') != NULL && access(name, F_OK) == 0)
        because(reason,
                "%s cannot be executed: its interpreter or dynamic linker is "
                "not there",
                name);
    else
        because(reason, "%s: there is no such command", name);
    return launch->why_not == ENOENT ? 127 : 126;
}

int launch_start(struct launch *launch, struct reason *reason)
{
    bool good;

    launch->descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    good = launch->descriptor >= 0 && pipe2(launch->go, O_CLOEXEC) == 0 &&
           pipe2(launch->error, O_CLOEXEC) == 0 && fork_child(launch) &&
           start_thread(launch);
    if (!good) {
        because(reason, "the command cannot be started: %s", strerror(errno));
        return 126;
    }
    close(launch->error[1]);
    pthread_mutex_lock(&launch->mutex);
    while (!launch->is_started)
        pthread_cond_wait(&launch->changed, &launch->mutex);
    pthread_mutex_unlock(&launch->mutex);
    return launch->why_not == 0 ? 0 : why_not(launch, reason);
}

bool launch_is_traced(const struct launch *launch)
{
    return launch->is_traced;
}

long launch_pid(const struct launch *launch)
{
    return launch->pid;
}

int launch_descriptor(const struct launch *launch)
{
    return launch->descriptor;
}

void launch_release(struct launch *launch)
{
    if (!launch->is_traced)
        return;
    end_thread(launch);
    if (!launch->is_ended)
        start_thread(launch);
}

void launch_free(struct launch *launch)
{
    end_thread(launch);
    if (launch->descriptor >= 0)
        close(launch->descriptor);
    if (launch->error[0] >= 0)
        close(launch->error[0]);
    pthread_cond_destroy(&launch->changed);
    pthread_mutex_destroy(&launch->mutex);
    free(launch->events);
    free(launch->processes);
    free(launch);
}

int launch_exit_status(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
