/*
 * semaphores.c - what is traced now: a thread, without the GIL, which sees that
 * a semaphore changes, and what turns the callbacks on and off then.
 *
 * SPDX-License-Identifier: MIT
 */
#include "watch.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
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

#ifdef Py_GIL_DISABLED
enum { OTHERS_ARE_AWAITED = 1 };
#else
enum { OTHERS_ARE_AWAITED = 0 }; /* they may wait for the GIL */
#endif

/* False when this thread does it already, or another does. */
static int begin_applying(struct watch *watch)
{
    pid_t other;

    do {
        other = 0;
        if (__atomic_compare_exchange_n(&watch->applying, &other, gettid(), 0,
                                        __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return 1;
        Py_BEGIN_ALLOW_THREADS;
        sched_yield();
        Py_END_ALLOW_THREADS;
    } while (OTHERS_ARE_AWAITED && other != gettid());
    return 0;
}

void apply(struct watch *watch, unsigned wanted)
{
    PyObject *exception;
    unsigned changed;
    unsigned failed = 0;

    if (!begin_applying(watch))
        return;
    /* (Another thread may have taken it away.) */
    if (!watch->is_installed)
        wanted = 0;
    changed = wanted ^ watch->applied;
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
    __atomic_store_n(&watch->applying, 0, __ATOMIC_RELEASE);
    PyErr_SetRaisedException(exception);
}

/* ---- waiting ---- */

/* A thread that waits. Who takes it from its watch has it alone, and ends it.
 */
struct waiting {
    struct watch *watch;
    pthread_t thread;
    pid_t pid;  /* the process that has the thread */
    int stop;   /* an eventfd: it is to end */
    int opened; /* an inotify: a program has opened this library's file */
    int either; /* an epoll of both */
    int is_ending, has_state; /* it is to end; it has or wants the GIL */
};

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

/* Take the GIL; NULL when the thread is to end, or there is no memory. */
static PyThreadState *enter(struct waiting *waiting)
{
    PyThreadState *state = NULL;

    __atomic_store_n(&waiting->has_state, 1, __ATOMIC_SEQ_CST);
    if (!__atomic_load_n(&waiting->is_ending, __ATOMIC_SEQ_CST))
        state = PyThreadState_New(waiting->watch->interpreter);
    if (state != NULL)
        PyEval_AcquireThread(state);
    else
        __atomic_store_n(&waiting->has_state, 0, __ATOMIC_SEQ_CST);
    return state;
}

static void leave(PyThreadState *state)
{
    PyThreadState_Clear(state);
    PyEval_ReleaseThread(state);
    PyThreadState_Delete(state);
}

/*
 * A thread that runs Python code gives up the GIL after 5 ms or so. The first
 * interpreter's main thread does it between two instructions, when it runs; it
 * may also be blocked in C.
 */
static void apply_in_thread(struct waiting *waiting)
{
    struct watch *watch = waiting->watch;
    PyThreadState *state;

    if (watch->is_first)
        Py_AddPendingCall(apply_pending, watch);
    state = enter(waiting);
    if (state == NULL)
        return;
    apply_pending(watch);
    leave(state);
    __atomic_store_n(&waiting->has_state, 0, __ATOMIC_SEQ_CST);
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
static void release(struct waiting *waiting)
{
    int error = errno;

    close(waiting->stop);
    close(waiting->either);
    if (waiting->opened >= 0)
        close(waiting->opened);
    free(waiting);
    errno = error;
}

/* What remove() does, by the thread itself; false when another does it now. */
static int leave_in_thread(struct waiting *waiting)
{
    struct watch *watch = waiting->watch;
    PyThreadState *state = enter(waiting);
    struct waiting *own = waiting;
    int is_left;

    if (state == NULL)
        return 0;
    is_left = watch->is_installed && watch->is_temporary &&
              __atomic_compare_exchange_n(&watch->waiting, &own, NULL, 0,
                                          __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
    if (is_left) {
        watch->is_installed = 0;
        apply(watch, 0);
        pthread_detach(waiting->thread);
        release(waiting);
    }
    leave(state);
    if (!is_left)
        __atomic_store_n(&waiting->has_state, 0, __ATOMIC_SEQ_CST);
    return is_left;
}

/* Wait so long; true when the thread is to end. */
static int is_stopped(const struct waiting *waiting, int milliseconds,
                      long *looks)
{
    struct epoll_event event;
    char bytes[4096];

    ++*looks;
    if (epoll_wait(waiting->either, &event, 1, milliseconds) <= 0)
        return 0;
    if (event.data.fd == waiting->stop)
        return 1;
    if (read(waiting->opened, bytes, sizeof(bytes)) > 0)
        *looks = 0;
    return 0;
}

static void *wait_for_tracers(void *data)
{
    struct waiting *waiting = data;
    struct watch *watch = waiting->watch;
    long looks = 0; /* since a program has opened the file */
    time_t traced_at = seconds();
    unsigned applied = __atomic_load_n(&watch->applied, __ATOMIC_RELAXED);

    while (!is_stopped(waiting, pause_after(looks, applied), &looks)) {
        applied = __atomic_load_n(&watch->applied, __ATOMIC_RELAXED);
        if (applied != 0)
            traced_at = seconds();
        else if (watch->is_temporary && seconds() - traced_at > TEMPORARY &&
                 leave_in_thread(waiting))
            break;
        if (traced() != applied) {
            settle();
            apply_in_thread(waiting);
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

static int wait_for(const struct waiting *waiting, int descriptor)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};

    return epoll_ctl(waiting->either, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

/* What the thread waits for; false, with an errno. */
static int open_all(struct waiting *waiting)
{
    const char *file = own_file();

    waiting->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    waiting->either = epoll_create1(EPOLL_CLOEXEC);
    waiting->opened = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (waiting->opened >= 0 &&
        (file == NULL ||
         inotify_add_watch(waiting->opened, file, IN_OPEN) < 0 ||
         !wait_for(waiting, waiting->opened))) {
        close(waiting->opened);
        waiting->opened = -1;
    }
    return wait_for(waiting, waiting->stop);
}

/* False, with an errno. */
static int start_thread(struct waiting *waiting)
{
    sigset_t all, mask;
    pthread_attr_t attributes;
    int error;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, (size_t)1024 * 1024);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &mask);
    error = pthread_create(&waiting->thread, &attributes, wait_for_tracers,
                           waiting);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    pthread_attr_destroy(&attributes);
    if (error == 0)
        pthread_setname_np(waiting->thread, "pytrace");
    errno = error;
    return error == 0;
}

static void end_thread(struct waiting *waiting)
{
    static const uint64_t one = 1;

    if (waiting->pid == getpid() &&
        write(waiting->stop, &one, sizeof(one)) == sizeof(one))
        pthread_join(waiting->thread, NULL);
    release(waiting);
}

int start_waiting(struct watch *watch)
{
    struct waiting *other = NULL;
    struct waiting *waiting;

    if (watch->waiting != NULL)
        return 1;
    waiting = calloc(1, sizeof(*waiting));
    if (waiting == NULL)
        return 0;
    waiting->watch = watch;
    waiting->pid = getpid();
    if (!open_all(waiting) || !start_thread(waiting)) {
        release(waiting);
        return 0;
    }
    /* (Without the GIL, another thread may do the same.) */
    if (!__atomic_compare_exchange_n(&watch->waiting, &other, waiting, 0,
                                     __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        end_thread(waiting);
    return 1;
}

void stop_waiting(struct watch *watch)
{
    struct waiting *waiting =
        __atomic_exchange_n(&watch->waiting, NULL, __ATOMIC_ACQ_REL);

    if (waiting == NULL)
        return;
    /* (To get the GIL again can take as long as others want it.) */
    __atomic_store_n(&waiting->is_ending, 1, __ATOMIC_SEQ_CST);
    if (!__atomic_load_n(&waiting->has_state, __ATOMIC_SEQ_CST)) {
        end_thread(waiting);
        return;
    }
    Py_BEGIN_ALLOW_THREADS;
    end_thread(waiting);
    Py_END_ALLOW_THREADS;
}
