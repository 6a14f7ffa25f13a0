/*
 * semaphores.c - what is traced now: a thread, without the GIL, which sees that
 * a semaphore changes, and what turns the callbacks on and off then.
 *
 * SPDX-License-Identifier: MIT
 */
#include "watch.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

unsigned traced(void)
{
    unsigned bits = 0;

    if (PYTRACE_FUNCTION_ENTRY_ENABLED())
        bits |= ENTRIES;
    if (PYTRACE_FUNCTION_RETURN_ENABLED())
        bits |= RETURNS;
    if (PYTRACE_LINE_ENABLED())
        bits |= LINES;
    if (PYTRACE_GC_START_ENABLED() || PYTRACE_GC_DONE_ENABLED())
        bits |= COLLECTIONS;
    if (PYTRACE_IMPORT_FIND_LOAD_START_ENABLED() ||
        PYTRACE_IMPORT_FIND_LOAD_DONE_ENABLED())
        bits |= IMPORTS;
    if (PYTRACE_AUDIT_ENABLED())
        bits |= AUDIT;
    return bits;
}

void apply(struct watch *watch, unsigned wanted)
{
    PyObject *exception;
    unsigned changed = wanted ^ watch->applied;
    unsigned failed = 0;

    if (watch->is_applying)
        return;
    watch->is_applying = 1;
    exception = PyErr_GetRaisedException();
    if ((changed & COLLECTIONS) &&
        !switch_collections(watch, wanted & COLLECTIONS))
        failed |= COLLECTIONS;
    PyErr_Clear();
    if ((changed & IMPORTS) && !switch_imports(watch, wanted & IMPORTS))
        failed |= IMPORTS;
    PyErr_Clear();
    /* These last, as what is above would be traced. */
    if ((changed & EVALUATION) &&
        !switch_evaluation(watch, wanted & EVALUATION))
        failed |= EVALUATION;
    PyErr_Clear();
    if ((changed & AUDIT) && !switch_audit(wanted & AUDIT))
        failed |= AUDIT;
    PyErr_Clear();
    /* What failed is tried again. */
    __atomic_store_n(&watch->applied, wanted & ~failed, __ATOMIC_RELAXED);
    watch->is_applying = 0;
    PyErr_SetRaisedException(exception);
}

/* ---- waiting ---- */

/*
 * How long it waits between two looks at the semaphores. A tracer opens this
 * library's file, to read where the markers are, and then attaches.
 */
enum {
    JUST_OPENED = 2,        /* ms: a program has opened the file ... */
    JUST_OPENED_LOOKS = 60, /* ... that many looks ago, or less */
    TRACED = 20,            /* it detaches, or another attaches */
    IDLE = 97,
    TEMPORARY = 10 /* seconds */
};

/* The time until the next one, when a program has opened the file before. */
static int pause_after(long looks, unsigned applied)
{
    if (looks < JUST_OPENED_LOOKS)
        return JUST_OPENED;
    return applied != 0 ? TRACED : IDLE;
}

static int apply_pending(void *data)
{
    struct watch *watch = data;

    if (watch->is_installed && traced() != watch->applied)
        apply(watch, traced());
    return 0;
}

/*
 * A thread that runs Python code gives up the GIL after 5 ms or so. The first
 * interpreter's main thread does it between two instructions, when it runs; it
 * may also be blocked in C.
 */
static void apply_in_thread(struct watch *watch)
{
    PyThreadState *state;

    if (watch->is_first)
        Py_AddPendingCall(apply_pending, watch);
    state = PyThreadState_New(watch->interpreter);
    if (state == NULL)
        return;
    PyEval_AcquireThread(state);
    apply_pending(watch);
    PyThreadState_Clear(state);
    PyEval_ReleaseThread(state);
    PyThreadState_Delete(state);
}

/*
 * A tracer raises one semaphore after the other. Wait until it has done so, or
 * entries would be seen for a moment, and their returns not.
 */
static void settle(void)
{
    static const struct timespec pause = {.tv_nsec = 1000 * 1000};
    unsigned before;
    int looks = 0;

    do {
        before = traced();
        nanosleep(&pause, NULL);
    } while (traced() != before && ++looks < 20);
}

static time_t seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* Changes no errno. */
static void close_all(const struct watch *watch)
{
    int error = errno;

    close(watch->stop);
    close(watch->either);
    if (watch->opened >= 0)
        close(watch->opened);
    errno = error;
}

/* What remove() does, by the thread itself; false when another does it now. */
static int leave_in_thread(struct watch *watch)
{
    PyThreadState *state = PyThreadState_New(watch->interpreter);
    int is_left = 0;

    if (state == NULL)
        return 0;
    PyEval_AcquireThread(state);
    if (watch->pid == getpid() && watch->is_installed && watch->is_temporary) {
        is_left = 1;
        watch->pid = 0;
        watch->is_installed = 0;
        apply(watch, 0);
        release_objects(watch);
        pthread_detach(watch->thread);
        close_all(watch);
    }
    PyThreadState_Clear(state);
    PyEval_ReleaseThread(state);
    PyThreadState_Delete(state);
    return is_left;
}

/* Wait so long; true when the thread is to end. */
static int is_stopped(const struct watch *watch, int milliseconds, long *looks)
{
    struct epoll_event event;
    char bytes[4096];

    ++*looks;
    if (epoll_wait(watch->either, &event, 1, milliseconds) <= 0)
        return 0;
    if (event.data.fd == watch->stop)
        return 1;
    if (read(watch->opened, bytes, sizeof(bytes)) > 0)
        *looks = 0;
    return 0;
}

static void *wait_for_tracers(void *data)
{
    struct watch *watch = data;
    long looks = 0; /* since a program has opened the file */
    time_t traced_at = seconds();
    unsigned applied = __atomic_load_n(&watch->applied, __ATOMIC_RELAXED);

    while (!is_stopped(watch, pause_after(looks, applied), &looks)) {
        applied = __atomic_load_n(&watch->applied, __ATOMIC_RELAXED);
        if (applied != 0)
            traced_at = seconds();
        else if (watch->is_temporary && seconds() - traced_at > TEMPORARY &&
                 leave_in_thread(watch))
            break;
        if (traced() != applied) {
            settle();
            apply_in_thread(watch);
            applied = __atomic_load_n(&watch->applied, __ATOMIC_RELAXED);
        }
    }
    return NULL;
}

/* The file that this library was loaded from; a tracer opens it, too. */
static const char *own_file(void)
{
    Dl_info info;

    return dladdr(&python_line_semaphore, &info) != 0 ? info.dli_fname : NULL;
}

static int wait_for(const struct watch *watch, int descriptor)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};

    return epoll_ctl(watch->either, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

/* What the thread waits for; false, with an errno. */
static int open_all(struct watch *watch)
{
    const char *file = own_file();

    watch->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    watch->either = epoll_create1(EPOLL_CLOEXEC);
    watch->opened = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (watch->opened >= 0 &&
        (file == NULL || inotify_add_watch(watch->opened, file, IN_OPEN) < 0 ||
         !wait_for(watch, watch->opened))) {
        close(watch->opened);
        watch->opened = -1;
    }
    if (wait_for(watch, watch->stop))
        return 1;
    close_all(watch);
    return 0;
}

int start_waiting(struct watch *watch)
{
    sigset_t all, mask;
    pthread_attr_t attributes;
    int error;

    if (watch->pid == getpid())
        return 1;
    if (!open_all(watch))
        return 0;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, (size_t)1024 * 1024);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &mask);
    error =
        pthread_create(&watch->thread, &attributes, wait_for_tracers, watch);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    pthread_attr_destroy(&attributes);
    if (error == 0) {
        pthread_setname_np(watch->thread, "pytrace");
        watch->pid = getpid();
        return 1;
    }
    close_all(watch);
    errno = error;
    return 0;
}

void stop_waiting(struct watch *watch)
{
    static const uint64_t one = 1;
    int is_own = watch->pid == getpid();

    if (watch->pid == 0)
        return;
    watch->pid = 0;
    if (is_own) {
        Py_BEGIN_ALLOW_THREADS;
        if (write(watch->stop, &one, sizeof(one)) == sizeof(one))
            pthread_join(watch->thread, NULL);
        Py_END_ALLOW_THREADS;
    }
    close_all(watch);
}
