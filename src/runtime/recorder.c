/*
 * recorder.c - the runtime's half of the recorder, a part of pytrace_probes.c:
 * behind a marker's guard it writes the event into memory that the command
 * pytrace reads. recording.h has the layouts and the way they are used.
 *
 * A ring has one writer, its thread, which signal handlers can interrupt
 * anywhere; they may fire markers themselves, and leave by siglongjmp. So a
 * writer first reserves its part of the ring, by an exchange in one instruction
 * that fails when a handler came first, and then writes what is its own. When
 * no event is being written any more, all of them are published.
 *
 * Nothing here calls malloc, takes a lock or changes errno, and memory is
 * mapped at the first event of a recording only.
 *
 * SPDX-License-Identifier: MIT
 */
#ifdef PYTRACE__RECORDER

#include "recording.h"

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18 /* since Linux 4.14 */
#endif
/* How an argument is written. */
enum {
    PYTRACE__ONE_WORD = 1,
    PYTRACE__TWO_WORDS = 2,
    PYTRACE__IS_STRING = 3,
    PYTRACE__POINTER_WORDS = sizeof(void *) / 4
};
enum {
    PYTRACE__TABLE_SLOTS = 8192, /* of 8 bytes: where strings are kept */
    PYTRACE__TABLE_BYTES = PYTRACE__TABLE_SLOTS * 8,
    PYTRACE__TRIES = 8,          /* slots that a string may be in */
    PYTRACE__LAST_PLACES = 2048, /* in the page of the ring's header */
    PYTRACE__COPIES_BYTES = PYTRACE__RING_PRIVATE - PYTRACE__TABLE_BYTES
};

/* Compilers take all that only cold functions call for cold. */
#define PYTRACE__OFTEN __attribute__((__hot__, __noinline__))
#define PYTRACE__SELDOM __attribute__((__cold__, __noinline__))

/* ---- what there is once, and for each thread ---- */

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
struct pytrace__control PYTRACE__CONTROL PYTRACE__HIDDEN
    __attribute__((__used__, __aligned__(64))) = {
        PYTRACE__LAYOUT, sizeof(struct pytrace__control)};
#pragma GCC diagnostic pop

/*
 * A page that a child by fork finds wiped, also where it was made by clone():
 * so it knows that the segment is its parent's, and its threads have no rings.
 */
struct pytrace__process {
    uint32_t key;  /* of this process and none that it descends from; or 0 */
    uint32_t busy; /* the thread that answers a request, or 0 */
};
static struct pytrace__process *pytrace__process;
static uint32_t pytrace__last_key;
static struct pytrace__segment *pytrace__segment;
static uint32_t pytrace__segment_key; /* of the process that made it */
static uint32_t pytrace__answered;    /* the request that it was made for */

/*
 * In an executable and in the libraries that it is started with, a thread has
 * its variables from the beginning. For a library that is opened later, glibc
 * allocates them at a thread's first event while it is recorded. (Of the model
 * "initial-exec", which needs no allocation, glibc has room for some hundred
 * bytes only, and does not get them back when libraries are closed.)
 */
struct pytrace__thread {
    struct pytrace__ring *ring;       /* NULL: it has none */
    struct pytrace__segment *segment; /* that the ring is in */
    uint32_t key, request;            /* what it was taken for */
    uintptr_t joining;                /* the stack frame that takes one, or 0 */
};
static __thread struct pytrace__thread pytrace__thread;

/* ---- memory that a handler or the command changes ---- */

#define PYTRACE__LOAD(object) __atomic_load_n(object, __ATOMIC_RELAXED)
#define PYTRACE__STORE(object, value) \
    __atomic_store_n(object, value, __ATOMIC_RELAXED)

/*
 * If *object is *expected, it becomes value, and the result is 1; else
 * *expected becomes *object. For the memory of one thread: no handler comes
 * between, but other processors may.
 */
static inline int pytrace__exchange(uint64_t *object, uint64_t *expected,
                                    uint64_t value)
{
#ifdef __x86_64__
    unsigned char is_done;

    __asm__ volatile("cmpxchgq %3, %1\n\tsete %0"
                     : "=q"(is_done), "+m"(*object), "+a"(*expected)
                     : "r"(value)
                     : "memory", "cc");
    return is_done;
#else
    return __atomic_compare_exchange_n(object, expected, value, 0,
                                       __ATOMIC_RELEASE, __ATOMIC_RELAXED);
#endif
}

static inline uint64_t pytrace__add(uint64_t *object, uint64_t value)
{
    uint64_t old = PYTRACE__LOAD(object);

    while (!pytrace__exchange(object, &old, old + value))
        ;
    return old + value;
}

/* The key of this process, which has its page by now. */
static inline uint32_t pytrace__own_key(void)
{
    return PYTRACE__LOAD(&PYTRACE__LOAD(&pytrace__process)->key);
}

/* ---- time ---- */

static uint64_t pytrace__nanoseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline uint64_t pytrace__time(void)
{
    if (PYTRACE__LOAD(&PYTRACE__CONTROL.flags) & PYTRACE__COUNTER) {
#if defined(__x86_64__) || defined(__i386__)
        return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
        uint64_t now;

        __asm__ volatile("mrs %0, cntvct_el0" : "=r"(now));
        return now;
#endif
    }
    return pytrace__nanoseconds();
}

/* ---- the end ---- */

/*
 * Clear the recorder's bit of a semaphore, in the four bytes that have it: of
 * two, some compilers leave an atomic change to a library.
 */
static inline void pytrace__unmark(uintptr_t semaphore)
{
    unsigned shift = (semaphore & 2) * 8;

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    shift = 16 - shift;
#endif
    __atomic_fetch_and((uint32_t *)(semaphore & ~(uintptr_t)3),
                       ~((uint32_t)PYTRACE__RECORDED << shift),
                       __ATOMIC_RELAXED);
}

/* The program itself ends this recording, in this process: why, an errno. */
PYTRACE__SELDOM static void pytrace__give_up_recording(uint32_t request,
                                                       int error)
{
    const struct pytrace_marker *marker;
    size_t count;

    if (!__atomic_compare_exchange_n(&PYTRACE__CONTROL.request, &request, 0, 0,
                                     __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        return;
    PYTRACE__CONTROL.error = (uint32_t)error;
    marker = pytrace_markers(&count);
    for (; count > 0; count--, marker++)
        pytrace__unmark((uintptr_t)marker->semaphore);
    if (pytrace__segment != NULL && error != 0)
        PYTRACE__STORE(&pytrace__segment->ended, request);
}

/*
 * Now and then: does the command still live? (The time may be before the last
 * check, of a handler that interrupted this event.)
 */
static inline int pytrace__is_due(const struct pytrace__ring *ring,
                                  uint64_t time)
{
    return (int64_t)(time - ring->checked) >=
           (int64_t)PYTRACE__CONTROL.check_ticks;
}

PYTRACE__SELDOM static void pytrace__check(struct pytrace__ring *ring,
                                           uint64_t time)
{
    uint32_t beats = PYTRACE__LOAD(&pytrace__segment->beats);

    ring->checked = time;
    if (beats != ring->beats) {
        ring->beats = beats;
        ring->misses = 0;
    } else if (++ring->misses >= PYTRACE__PATIENCE_BEATS) {
        pytrace__give_up_recording(ring->request, ETIMEDOUT);
    }
}

/* ---- writing a record ---- */

#define PYTRACE__DEPTH(state) ((uint32_t)(state)&0xff)
#define PYTRACE__BEGUN(state) ((uint32_t)(state) >> 8 & 0xffff)
#define PYTRACE__EPOCH(state) ((uint32_t)(state) >> 24)
#define PYTRACE__POSITION(state) ((uint32_t)((state) >> 32))

static inline uint32_t pytrace__capacity(void)
{
    return pytrace__segment->ring_bytes / 8;
}

static inline uint32_t *pytrace__place(struct pytrace__ring *ring,
                                       uint32_t position)
{
    return (uint32_t *)((char *)ring + PYTRACE__RING_DATA) +
           2 * (size_t)(position & (pytrace__capacity() - 1));
}

static inline void pytrace__head(uint32_t *record, uint32_t units,
                                 uint32_t kind)
{
    ((uint16_t *)record)[0] = (uint16_t)(units * 8);
    ((uint16_t *)record)[1] = (uint16_t)kind;
}

static inline void pytrace__write_64(uint32_t *at, uint64_t value)
{
    memcpy(at, &value, 8);
}

/* Publish what is written, unless an event is being written. */
static inline void pytrace__publish(struct pytrace__ring *ring)
{
    uint64_t published = PYTRACE__LOAD(&ring->published), state;

    do {
        state = PYTRACE__LOAD(&ring->state);
        if (PYTRACE__DEPTH(state) != 0)
            return;
    } while (!pytrace__exchange(&ring->published, &published,
                                PYTRACE__POSITION(state)));
}

/* All that is not published is of writers that never go on: leave it out. */
PYTRACE__SELDOM static void pytrace__give_up(struct pytrace__ring *ring)
{
    uint64_t state = PYTRACE__LOAD(&ring->state), next;
    uint32_t at, end, units, capacity = pytrace__capacity();

    do {
        end = PYTRACE__POSITION(state);
        for (at = (uint32_t)ring->published; at != end; at += units) {
            units = capacity - (at & (capacity - 1));
            if (units > end - at)
                units = end - at;
            if (units > 0x1000)
                units = 0x1000;
            pytrace__head(pytrace__place(ring, at), units, PYTRACE__PAD);
        }
        /* Strings that are left out with it must be written again. */
        pytrace__add(&ring->strings, (uint64_t)1 << 32);
        next = (uint64_t)end << 32 |
               (uint64_t)((PYTRACE__EPOCH(state) + 1) & 0xff) << 24;
    } while (!pytrace__exchange(&ring->state, &state, next));
    pytrace__add(&ring->lost, PYTRACE__BEGUN(state));
    pytrace__publish(ring);
}

/*
 * Whether what a function of this thread does was left by siglongjmp. It was,
 * when its stack frame is ours or below; but the frames of an alternate signal
 * stack are not those of the thread's own.
 */
PYTRACE__SELDOM static int pytrace__is_abandoned(uint64_t its_frame,
                                                 const void *frame)
{
    stack_t stack;

    return (uintptr_t)frame >= its_frame && sigaltstack(NULL, &stack) == 0 &&
           !(stack.ss_flags & SS_ONSTACK);
}

/* At the beginning of an event, before it relies on any string. */
static inline void pytrace__look_for_abandoned(struct pytrace__ring *ring,
                                               const void *frame)
{
    if (PYTRACE__DEPTH(PYTRACE__LOAD(&ring->state)) != 0 &&
        pytrace__is_abandoned(ring->frame, frame))
        pytrace__give_up(ring);
}

/*
 * Whether the ring is this process' own. (A signal handler that interrupted the
 * writer may have called fork, and the child goes on.)
 */
static inline int pytrace__is_own(const struct pytrace__ring *ring)
{
    return pytrace__own_key() == ring->key;
}

/*
 * Reserve units of 8 bytes for a record; of an event, or of what belongs to one
 * (events 1 or 0). NULL when there is no room. *mine is for pytrace__commit.
 */
PYTRACE__OFTEN static uint32_t *
pytrace__reserve(struct pytrace__ring *ring, const void *frame, uint32_t units,
                 uint32_t events, uint64_t *mine)
{
    uint32_t capacity = pytrace__capacity(), position, place, skipped;
    uint64_t state = PYTRACE__LOAD(&ring->state);

    do {
        if (PYTRACE__DEPTH(state) == 0xff || PYTRACE__BEGUN(state) == 0xffff)
            return NULL;
        position = PYTRACE__POSITION(state);
        place = position & (capacity - 1);
        skipped = place + units > capacity ? capacity - place : 0;
        if (position + skipped + units -
                __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE) >
            capacity)
            return NULL;
        if (!pytrace__is_own(ring))
            return NULL;
        if (PYTRACE__DEPTH(state) == 0)
            PYTRACE__STORE(&ring->frame, (uintptr_t)frame);
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
        *mine = state + ((uint64_t)(skipped + units) << 32) +
                ((uint64_t)events << 8) + 1;
    } while (!pytrace__exchange(&ring->state, &state, *mine));
    if (skipped != 0)
        pytrace__head(pytrace__place(ring, position), skipped, PYTRACE__PAD);
    return pytrace__place(ring, position + skipped);
}

/* The record is written; 0 when it was given up meanwhile, and is lost. */
PYTRACE__OFTEN static int pytrace__commit(struct pytrace__ring *ring,
                                          uint64_t mine)
{
    uint64_t state = PYTRACE__LOAD(&ring->state), next;

    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    if (!pytrace__is_own(ring))
        return 0;
    do {
        if (PYTRACE__EPOCH(state) != PYTRACE__EPOCH(mine))
            return 0;
        if (PYTRACE__DEPTH(state) != PYTRACE__DEPTH(mine)) {
            /* One that interrupted it was abandoned, and left a hole. */
            if (PYTRACE__DEPTH(mine) == 1)
                pytrace__give_up(ring);
            return 0;
        }
        next = state - 1;
        if (PYTRACE__DEPTH(next) == 0)
            next &= ~(uint64_t)0xffff00;
    } while (!pytrace__exchange(&ring->state, &state, next));
    if (PYTRACE__DEPTH(next) == 0)
        pytrace__publish(ring);
    return 1;
}

/* ---- strings ---- */

/* A string that has a number, in the memory for copies. */
struct pytrace__copy {
    uint64_t hash, length; /* length: of the whole */
    uint32_t number, reserved;
    char bytes[];
};

static inline uint64_t pytrace__mix(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
    a = (a ^ a >> 32) * b;
    return a ^ a >> 29;
#endif
}

static inline uint64_t pytrace__hash(const char *bytes, size_t count)
{
    const uint64_t k = 0x9e3779b97f4a7c15u, l = 0xd1b54a32d192ed03u;
    uint64_t hash = count, a, b = 0;

    for (; count > 16; bytes += 16, count -= 16) {
        memcpy(&a, bytes, 8);
        memcpy(&b, bytes + 8, 8);
        hash = pytrace__mix(hash ^ a ^ k, b ^ l);
    }
    a = b = 0;
    if (count >= 8) {
        memcpy(&a, bytes, 8);
        memcpy(&b, bytes + count - 8, 8);
    } else if (count >= 4) {
        uint32_t part;

        memcpy(&part, bytes, 4);
        a = part;
        memcpy(&part, bytes + count - 4, 4);
        b = part;
    } else {
        while (count > 0)
            a = a << 8 | (unsigned char)bytes[--count];
    }
    return pytrace__mix(pytrace__mix(hash ^ a ^ k, b ^ l), k);
}

#define PYTRACE__FORGOTTEN(strings) ((uint32_t)((strings) >> 32))

static inline uint64_t *pytrace__slot(struct pytrace__ring *ring,
                                      uint64_t number)
{
    return (uint64_t *)((char *)ring + 4096) +
           (number & (PYTRACE__TABLE_SLOTS - 1));
}

static inline struct pytrace__copy *pytrace__copy(struct pytrace__ring *ring,
                                                  uint32_t units)
{
    char *copies = (char *)ring + 4096 + PYTRACE__TABLE_BYTES;

    return (struct pytrace__copy *)(void *)(copies + 8 * (size_t)units);
}

/* A slot has how often all was forgotten, 16 bits of the hash, and units. */
static inline uint64_t pytrace__entry(uint64_t strings, uint64_t hash)
{
    return (strings >> 32 << 32) | (hash >> 48 << 16);
}

/* Keep a string that has been written; when there is no room, forget all. */
PYTRACE__SELDOM static void pytrace__keep(struct pytrace__ring *ring,
                                          const struct pytrace__copy *string,
                                          const char *bytes, size_t kept)
{
    uint32_t need = (uint32_t)(sizeof(*string) + kept + 8) & ~7u, used, i;
    uint64_t strings = PYTRACE__LOAD(&ring->strings), next, *slot;
    struct pytrace__copy *copy;

    do {
        used = (uint32_t)strings;
        if (used + need <= PYTRACE__COPIES_BYTES) {
            next = strings + need;
        } else {
            used = 0;
            next = ((strings >> 32) + 1) << 32 | need;
        }
    } while (!pytrace__exchange(&ring->strings, &strings, next));
    copy = pytrace__copy(ring, used / 8);
    *copy = *string;
    memcpy(copy->bytes, bytes, kept);
    copy->bytes[kept] = '\0';
    if (PYTRACE__FORGOTTEN(PYTRACE__LOAD(&ring->strings)) !=
        PYTRACE__FORGOTTEN(next)) {
        /* A handler forgot all meanwhile, and had its own copy here. */
        pytrace__add(&ring->strings, (uint64_t)1 << 32);
        return;
    }
    for (i = 0; i < PYTRACE__TRIES; i++) {
        slot = pytrace__slot(ring, string->hash + i);
        if (PYTRACE__FORGOTTEN(PYTRACE__LOAD(slot)) != PYTRACE__FORGOTTEN(next))
            break;
    }
    if (i == PYTRACE__TRIES)
        slot = pytrace__slot(ring, string->hash + string->number % i);
    __atomic_store_n(slot, pytrace__entry(next, string->hash) | used / 8,
                     __ATOMIC_RELEASE);
}

/* Write a string, and number it; or 0. */
PYTRACE__SELDOM static uint32_t pytrace__number(struct pytrace__ring *ring,
                                                const void *frame,
                                                const char *bytes, size_t kept,
                                                uint64_t hash, size_t length)
{
    struct pytrace__copy string = {hash, length, 0, 0};
    uint32_t units = (uint32_t)(16 + kept + 7) / 8, *record;
    uint64_t mine;

    string.number = __atomic_add_fetch(&ring->last_number, 1, __ATOMIC_RELAXED);
    record = pytrace__reserve(ring, frame, units, 0, &mine);
    if (record == NULL)
        return 0;
    pytrace__head(record, units, PYTRACE__STRING);
    record[1] = string.number;
    record[2] = length > UINT32_MAX ? UINT32_MAX : (uint32_t)length;
    record[3] = (uint32_t)kept;
    memcpy(record + 4, bytes, kept);
    if (!pytrace__commit(ring, mine))
        return 0;
    pytrace__keep(ring, &string, bytes, kept);
    return string.number;
}

/*
 * Where a string of this address was found the last time. Hosts have most of
 * their strings at the same address each time; whether it is the same string,
 * its contents say.
 */
static inline uint64_t *pytrace__last_place(struct pytrace__ring *ring,
                                            const char *bytes)
{
    uintptr_t address = (uintptr_t)bytes;

    return (uint64_t *)((char *)ring + PYTRACE__LAST_PLACES) +
           ((address >> 3 ^ address >> 9) & 63);
}

/* The number of a copy, unless all of them are forgotten by now; or 0. */
static inline uint32_t pytrace__number_of(const struct pytrace__ring *ring,
                                          const struct pytrace__copy *copy,
                                          uint64_t strings)
{
    uint32_t number = copy->number;

    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    return PYTRACE__FORGOTTEN(PYTRACE__LOAD(&ring->strings)) ==
                   PYTRACE__FORGOTTEN(strings)
               ? number
               : 0;
}

/* By its contents alone. */
static uint32_t pytrace__search(struct pytrace__ring *ring, const void *frame,
                                const char *bytes, uint64_t strings)
{
    size_t length = strlen(bytes), kept = length;
    uint64_t hash, entry;
    uint32_t number, i;

    if (kept > PYTRACE__LONGEST_STRING)
        kept = PYTRACE__LONGEST_STRING;
    if (kept > 2 * pytrace__capacity())
        kept = 2 * pytrace__capacity();
    hash = pytrace__hash(bytes, kept) ^ length;
    for (i = 0; i < PYTRACE__TRIES; i++) {
        const struct pytrace__copy *copy;

        entry =
            __atomic_load_n(pytrace__slot(ring, hash + i), __ATOMIC_ACQUIRE);
        if (PYTRACE__FORGOTTEN(entry) != PYTRACE__FORGOTTEN(strings))
            break;
        if ((entry & 0xffff0000u) != (hash >> 48 << 16))
            continue;
        copy = pytrace__copy(ring, entry & 0xffff);
        if (copy->hash != hash || copy->length != length ||
            memcmp(copy->bytes, bytes, kept) != 0)
            continue;
        number = pytrace__number_of(ring, copy, strings);
        if (number == 0)
            break;
        if (kept == length)
            PYTRACE__STORE(pytrace__last_place(ring, bytes), entry);
        return number;
    }
    return pytrace__number(ring, frame, bytes, kept, hash, length);
}

/* The number of a string, which is written where it has none; or 0. */
static inline uint32_t pytrace__string(struct pytrace__ring *ring,
                                       const void *frame, const char *bytes)
{
    uint64_t strings = PYTRACE__LOAD(&ring->strings), entry;
    const struct pytrace__copy *copy;
    uint32_t number;

    if (bytes == NULL)
        bytes = "";
    entry = PYTRACE__LOAD(pytrace__last_place(ring, bytes));
    copy = pytrace__copy(ring, entry & 0xffff);
    if (PYTRACE__FORGOTTEN(entry) == PYTRACE__FORGOTTEN(strings) &&
        strcmp(copy->bytes, bytes) == 0) {
        number = pytrace__number_of(ring, copy, strings);
        if (number != 0)
            return number;
    }
    return pytrace__search(ring, frame, bytes, strings);
}

/* ---- the segment ---- */

/* No cancellation point, as the C library's function is one. */
static void pytrace__pause(void)
{
    const long a_while[2] = {0, 50000}; /* seconds, nanoseconds */

    syscall(SYS_nanosleep, a_while, NULL);
}

/* A file's number that is not in the way of the program's own; or -1. */
static int pytrace__make_file(void)
{
    enum { CLOEXEC = 1, ALLOW_SEALING = 2, FIRST = 900 };
    long file = syscall(SYS_memfd_create, PYTRACE__SEGMENT_NAME,
                        CLOEXEC | ALLOW_SEALING);
    int other;

    if (file < 0)
        return -1;
    other = fcntl((int)file, F_DUPFD_CLOEXEC, FIRST);
    if (other < 0)
        return (int)file;
    syscall(SYS_close, file);
    return other;
}

/*
 * Close the file of a former recording, also when the library with this code is
 * closed, or the program ends. (The program may have closed it itself, and have
 * another file under its number.)
 */
static __attribute__((__destructor__)) void pytrace__close_file(void)
{
    struct stat status;

    if (PYTRACE__CONTROL.file != 0 &&
        fstat(PYTRACE__CONTROL.descriptor, &status) == 0 &&
        status.st_ino == PYTRACE__CONTROL.file)
        syscall(SYS_close, PYTRACE__CONTROL.descriptor);
    PYTRACE__CONTROL.file = 0;
}

/* Have a segment that the command has, too. 0, and errno, if there is none. */
static int pytrace__make_segment(uint32_t request)
{
    uint64_t end;
    int is_late, is_ready;
    struct rlimit limit;
    struct stat status;
    void *segment;

    /* (A thread that was cancelled here may have announced the file.) */
    if (PYTRACE__CONTROL.answer != request) {
        pytrace__close_file();
        PYTRACE__CONTROL.descriptor = pytrace__make_file();
        if (PYTRACE__CONTROL.descriptor < 0 ||
            fstat(PYTRACE__CONTROL.descriptor, &status) != 0)
            return 0;
        PYTRACE__CONTROL.file = status.st_ino;
        __atomic_store_n(&PYTRACE__CONTROL.answer, request, __ATOMIC_RELEASE);
    }
    end = pytrace__nanoseconds() + PYTRACE__PATIENCE * 1000000u;
    do {
        /*
         * (A handler that takes its time may come between any two of these; or
         * one that forks: its child has no key, and nothing answers it.)
         */
        is_late = pytrace__nanoseconds() > end ||
                  PYTRACE__LOAD(&PYTRACE__CONTROL.request) != request ||
                  pytrace__own_key() == 0;
        is_ready = __atomic_load_n(&PYTRACE__CONTROL.ready, __ATOMIC_ACQUIRE) ==
                   request;
        if (!is_ready)
            pytrace__pause();
    } while (!is_ready && !is_late);
    if (!is_ready) {
        errno = ETIMEDOUT;
        return 0;
    }
    /* The program needs its addresses itself. */
    if (getrlimit(RLIMIT_AS, &limit) == 0 &&
        PYTRACE__CONTROL.segment_bytes > limit.rlim_cur / 4) {
        errno = ENOMEM;
        return 0;
    }
    segment = mmap(NULL, (size_t)PYTRACE__CONTROL.segment_bytes,
                   PROT_READ | PROT_WRITE, MAP_SHARED,
                   PYTRACE__CONTROL.descriptor, 0);
    if (segment == MAP_FAILED)
        return 0;
    pytrace__segment = (struct pytrace__segment *)segment;
    return 1;
}

/* ---- processes ---- */

static struct pytrace__process *pytrace__this_process(void)
{
    struct pytrace__process *process, *other = NULL;
    void *page;

    process = __atomic_load_n(&pytrace__process, __ATOMIC_ACQUIRE);
    if (process != NULL)
        return process;
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                -1, 0);
    if (page == MAP_FAILED)
        return NULL;
    process = (struct pytrace__process *)page;
    if (madvise(page, 4096, MADV_WIPEONFORK) == 0 &&
        __atomic_compare_exchange_n(&pytrace__process, &other, process, 0,
                                    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return process;
    munmap(process, 4096);
    return other;
}

/*
 * Answer the request: 1 when there is a segment. A child by fork uses its
 * parent's, if it is followed, and otherwise ends the recording for itself. Not
 * so where there is no segment yet: it may be vfork's child, whose memory is
 * its parent's.
 */
static int pytrace__answer(struct pytrace__process *process, uint32_t request,
                           uint32_t pid)
{
    int is_first = process->key == 0;

    if (is_first && pid != PYTRACE__CONTROL.pid &&
        !(PYTRACE__CONTROL.flags & PYTRACE__FOLLOW)) {
        if (pytrace__segment != NULL)
            pytrace__give_up_recording(request, 0);
        return 0;
    }
    if (is_first) {
        PYTRACE__STORE(&process->key, ++pytrace__last_key);
        if ((uint32_t)getpid() != pid) {
            /* It is a child, which a signal handler has just made. */
            PYTRACE__STORE(&process->key, 0);
            return 0;
        }
    }
    if (pytrace__answered == request)
        return 1;
    if (pytrace__segment_key != process->key ||
        !(PYTRACE__CONTROL.flags & PYTRACE__AGAIN)) {
        if (!pytrace__make_segment(request)) {
            pytrace__give_up_recording(request, errno);
            return 0;
        }
        pytrace__segment_key = process->key;
    }
    pytrace__answered = request;
    return 1;
}

/* In one thread after the other. */
static int pytrace__is_ready(uint32_t request, uint32_t pid, uint32_t thread)
{
    struct pytrace__process *process = pytrace__this_process();
    int is_ready = 0;
    uint32_t other = 0;

    if (process == NULL) {
        pytrace__give_up_recording(request, errno);
        return 0;
    }
    while (!__atomic_compare_exchange_n(&process->busy, &other, thread, 0,
                                        __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
        /* Take the place of a thread that has ended in the middle of it. */
        if (other == 0 || other == thread ||
            syscall(SYS_tgkill, pid, other, 0) != 0)
            continue;
        if (PYTRACE__LOAD(&PYTRACE__CONTROL.request) != request)
            return 0;
        pytrace__pause();
        other = 0;
    }
    if (PYTRACE__LOAD(&PYTRACE__CONTROL.request) == request)
        is_ready = pytrace__answer(process, request, pid);
    __atomic_store_n(&process->busy, 0, __ATOMIC_RELEASE);
    return is_ready;
}

/* ---- rings ---- */

static struct pytrace__ring *pytrace__ring_number(uint32_t number)
{
    uint64_t stride = PYTRACE__STRIDE(pytrace__segment->ring_bytes);
    void *at = (char *)pytrace__segment + PYTRACE__HEADER_BYTES +
               (size_t)(number * stride);

    return (struct pytrace__ring *)at;
}

/* One that another thread had, or one that none had yet, or NULL. */
static struct pytrace__ring *pytrace__free_ring(uint64_t owner)
{
    struct pytrace__segment *segment = pytrace__segment;
    struct pytrace__ring *ring;
    uint64_t none;
    uint32_t i, used;

    for (i = 0; i < segment->rings; i++) {
        ring = pytrace__ring_number(i);
        none = 0;
        if (!__atomic_compare_exchange_n(&ring->owner, &none, owner, 0,
                                         __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            continue;
        used = PYTRACE__LOAD(&segment->used);
        while (used <= i &&
               !__atomic_compare_exchange_n(&segment->used, &used, i + 1, 0,
                                            __ATOMIC_RELEASE, __ATOMIC_RELAXED))
            ;
        return ring;
    }
    return NULL;
}

/* Whether this thread had its ring in a former recording, and has it still. */
static int pytrace__has_ring(uint64_t owner, uint32_t key)
{
    const struct pytrace__thread *thread = &pytrace__thread;

    return thread->ring != NULL && thread->segment == pytrace__segment &&
           thread->key == key && PYTRACE__LOAD(&thread->ring->owner) == owner;
}

/*
 * 1 when it is published: a thread's events say nothing without it. It is not,
 * where a child by fork, which a signal handler made, went on between
 * pytrace__reserve's look at whose ring it is and its exchange.
 */
static int pytrace__begin(struct pytrace__ring *ring, const void *frame,
                          uint64_t owner, uint32_t request)
{
    uint64_t mine;
    uint32_t *record = pytrace__reserve(ring, frame, 4, 0, &mine);

    if (record == NULL)
        return 0;
    pytrace__head(record, 4, PYTRACE__BEGIN);
    record[1] = request;
    pytrace__write_64(record + 2, ring->checked = pytrace__time());
    record[4] = (uint32_t)(owner >> 32);
    record[5] = (uint32_t)owner;
    pytrace__write_64(record + 6, ring->lost_told = ring->lost);
    if (!pytrace__commit(ring, mine))
        return 0;
    if (PYTRACE__DEPTH(PYTRACE__LOAD(&ring->state)) == 0)
        return 1;
    pytrace__give_up(ring);
    return 0;
}

/*
 * Whether this thread's ring, or one that it has just got, can begin: no event
 * is being written. (A handler does not begin it in the middle of one: it may
 * be given up, and with it all behind it.)
 */
static int pytrace__is_idle(struct pytrace__ring *ring, const void *frame,
                            int is_new)
{
    if (is_new && PYTRACE__DEPTH(PYTRACE__LOAD(&ring->state)) != 0)
        pytrace__give_up(ring); /* its last thread ended in an event */
    pytrace__look_for_abandoned(ring, frame);
    return PYTRACE__DEPTH(PYTRACE__LOAD(&ring->state)) == 0;
}

/*
 * A ring for this thread, at its first event of a recording. NULL when there is
 * none, or it is full: then the event is counted as lost.
 */
static struct pytrace__ring *
pytrace__take_ring(const void *frame, uint32_t request, uint64_t owner)
{
    struct pytrace__thread *thread = &pytrace__thread;
    struct pytrace__ring *ring = thread->ring;
    uint32_t key = pytrace__own_key();
    int is_new = !pytrace__has_ring(owner, key);

    if (key == 0)
        return NULL; /* a handler made this child after the question */
    if (is_new) {
        thread->ring = NULL;
        ring = pytrace__free_ring(owner);
        if (ring == NULL) {
            __atomic_add_fetch(&pytrace__segment->unringed, 1,
                               __ATOMIC_RELAXED);
            return NULL;
        }
    }
    thread->segment = pytrace__segment;
    ring->key = thread->key = key;
    thread->ring = ring;
    if (pytrace__is_idle(ring, frame, is_new)) {
        ring->request = request;
        ring->strings = ((ring->strings >> 32) + 1) << 32;
        ring->beats = PYTRACE__LOAD(&pytrace__segment->beats);
        ring->misses = 0;
        if (pytrace__begin(ring, frame, owner, request)) {
            thread->request = request;
            return ring;
        }
    }
    if (pytrace__is_own(ring))
        pytrace__add(&ring->lost, 1);
    return NULL;
}

/*
 * The same, where there may be no segment yet. A signal handler that interrupts
 * it has no ring.
 */
PYTRACE__SELDOM static struct pytrace__ring *pytrace__join(const void *frame,
                                                           uint32_t request)
{
    uint32_t pid = (uint32_t)getpid(), tid = (uint32_t)syscall(SYS_gettid);
    struct pytrace__thread *thread = &pytrace__thread;
    struct pytrace__ring *ring = NULL;
    int error = errno;

    if (thread->joining != 0 &&
        !pytrace__is_abandoned(thread->joining, frame)) {
        __atomic_add_fetch(&PYTRACE__CONTROL.early, 1, __ATOMIC_RELAXED);
    } else {
        thread->joining = (uintptr_t)frame;
        if (pytrace__is_ready(request, pid, tid))
            ring =
                pytrace__take_ring(frame, request, (uint64_t)pid << 32 | tid);
        else if (PYTRACE__LOAD(&PYTRACE__CONTROL.error) != 0)
            __atomic_add_fetch(&PYTRACE__CONTROL.early, 1, __ATOMIC_RELAXED);
        thread->joining = 0;
    }
    errno = error;
    return ring;
}

/* The ring of this thread, or NULL. */
static inline struct pytrace__ring *pytrace__ring_of(const void *frame)
{
    const struct pytrace__process *process =
        __atomic_load_n(&pytrace__process, __ATOMIC_ACQUIRE);
    const struct pytrace__thread *thread = &pytrace__thread;
    uint32_t request = PYTRACE__LOAD(&PYTRACE__CONTROL.request);

    if (request == 0)
        return NULL; /* it has just ended */
    if (thread->request == request && process != NULL &&
        thread->key == PYTRACE__LOAD(&process->key))
        return thread->ring;
    return pytrace__join(frame, request);
}

/* ---- events ---- */

PYTRACE__SELDOM static void pytrace__tell_lost(struct pytrace__ring *ring,
                                               const void *frame, uint64_t time)
{
    uint64_t lost = ring->lost, mine;
    uint32_t *record = pytrace__reserve(ring, frame, 3, 0, &mine);

    if (record == NULL)
        return;
    pytrace__head(record, 3, PYTRACE__LOST);
    record[1] = 0;
    pytrace__write_64(record + 2, time);
    pytrace__write_64(record + 4, lost);
    ring->lost_told = lost;
    pytrace__commit(ring, mine);
}

/* 0 when there is no room. */
PYTRACE__OFTEN static int pytrace__write(struct pytrace__ring *ring,
                                         const void *frame, uint32_t id,
                                         const uint64_t *values)
{
    uint32_t words[13], count = 0, units, i, shapes = id >> 16, *record;
    uint64_t time, mine;

    pytrace__look_for_abandoned(ring, frame);
    for (; shapes != 0; shapes >>= 2, values++) {
        switch (shapes & 3) {
        case PYTRACE__TWO_WORDS:
            words[count++] = (uint32_t)*values;
            words[count++] = (uint32_t)(*values >> 32);
            break;
        case PYTRACE__IS_STRING:
            words[count] =
                pytrace__string(ring, frame, (const char *)(uintptr_t)*values);
            if (words[count++] == 0)
                return 0;
            break;
        default: words[count++] = (uint32_t)*values; break;
        }
    }
    time = pytrace__time();
    if (pytrace__is_due(ring, time))
        pytrace__check(ring, time);
    if (ring->lost != ring->lost_told)
        pytrace__tell_lost(ring, frame, time);
    units = 2 + count / 2;
    record = pytrace__reserve(ring, frame, units, 1, &mine);
    if (record == NULL)
        return 0;
    pytrace__head(record, units, PYTRACE__EVENT + (id & 0xffff));
    record[1] = count > 0 ? words[0] : 0;
    pytrace__write_64(record + 2, time);
    for (i = 1; i < count; i++)
        record[3 + i] = words[i];
    if (count > 0 && count % 2 == 0)
        record[3 + i] = 0;
    pytrace__commit(ring, mine);
    return 1;
}

/* Wait for room, if that is asked for; not in the middle of another event. */
PYTRACE__SELDOM static int pytrace__waits(struct pytrace__ring *ring)
{
    uint64_t time;
    int error = errno;

    if (!(PYTRACE__CONTROL.flags & PYTRACE__BLOCK) ||
        PYTRACE__LOAD(&PYTRACE__CONTROL.request) != ring->request ||
        PYTRACE__DEPTH(PYTRACE__LOAD(&ring->state)) != 0)
        return 0;
    time = pytrace__time();
    if (pytrace__is_due(ring, time))
        pytrace__check(ring, time);
    pytrace__pause();
    errno = error;
    return 1;
}

/*
 * An event: the marker's number in the lowest 16 bits of id, above them two
 * bits for each argument, how it is written; and the arguments. A text beside
 * the event is one more string behind them.
 */
PYTRACE__OFTEN static void pytrace__record(uint32_t id, const uint64_t *values)
{
    const void *frame = __builtin_frame_address(0);
    struct pytrace__ring *ring = pytrace__ring_of(frame);

    if (ring == NULL)
        return;
    while (!pytrace__write(ring, frame, id, values))
        if (!pytrace__waits(ring)) {
            if (pytrace__is_own(ring))
                pytrace__add(&ring->lost, 1);
            return;
        }
}

static __attribute__((__noinline__, __unused__)) void
pytrace__record_3(uint64_t a, uint64_t b, uint64_t c, uint32_t id)
{
    const uint64_t values[] = {a, b, c};

    pytrace__record(id, values);
}

#endif /* PYTRACE__RECORDER */
