/*
 * python.c - a CPython that another program runs (python.h).
 *
 * Its state begins with a table of offsets for such programs as this one (the
 * "remote debugging attachment protocol" of its documentation). What the table
 * has is settled with each minor version, and all of its members have 64 bits.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "python.h"

#include <string.h>
#include <unistd.h>

/* ---- the table ---- */

static const char cookie[] = "xdebugpy";

/* Its members, by their numbers, where all versions agree. */
enum {
    HEX_VERSION = 1,
    FREE_THREADED = 2,
    INTERPRETERS = 5, /* in the state: the list's head */
    INTERPRETER_ID = 7,
    INTERPRETER_NEXT = 8,
    THREADS = 9,
    MAIN_THREAD = 10,
    THREAD_NEXT = 24,
};

/* And behind those that come and go: the last ones, which are for this. */
enum { BREAKER, SUPPORT, ENABLED, PENDING, PATH, PATH_BYTES };

static const struct {
    unsigned minor;
    unsigned native;  /* the number of a thread's system number */
    unsigned support; /* the number of the first of them */
} versions[] = {{14, 28, 89}, {15, 31, 105}};
enum { VERSIONS = sizeof(versions) / sizeof(versions[0]) };

enum {
    OLDEST = 14,
    STOP = 1 << 5, /* in the evaluation's breaker: look at what is asked */
    MOST_INTERPRETERS = 1000,
    MOST_THREADS = 10000,
    LEAST_PATH = 64,
    MOST_PATH = 4096,
};

/* ---- memory ---- */

static bool peek(const struct python *python, uint64_t address, unsigned bytes,
                 uint64_t *value)
{
    unsigned char read[8];

    if (pread(python->memory, read, bytes, (off_t)address) != (ssize_t)bytes)
        return false;
    *value = number_at(read, bytes, python->big_endian);
    return true;
}

static bool member(const struct python *python, unsigned number,
                   uint64_t *value)
{
    return peek(python, python->runtime + 8 * (uint64_t)number, 8, value);
}

/* The address that is at that one, with an offset of the table. */
static bool follow(const struct python *python, uint64_t base, unsigned number,
                   uint64_t *value)
{
    uint64_t offset;

    return member(python, number, &offset) &&
           peek(python, base + offset, python->word, value);
}

/* ---- which one it is ---- */

/* What its file is called says it, too: python3.11, libpython3.11.so.1.0. */
static unsigned minor_in_name(const char *path)
{
    const char *name = strrchr(path, '/');
    unsigned minor = 0;

    name = strstr(name != NULL ? name : path, "python3.");
    if (name != NULL)
        sscanf(name, "python3.%3u", &minor);
    return minor;
}

bool python_in_file(struct python *python, const struct process *process,
                    const struct known_file *file, int memory)
{
    const struct image *image = &file->image;
    char begin[sizeof(cookie) - 1];
    uint64_t version, free_threaded;

    if (image->python == 0)
        return false;
    *python = (struct python){.memory = memory,
                              .word = image->bits / 8,
                              .big_endian = image->big_endian,
                              .machine = image->machine,
                              .minor = minor_in_name(file->name)};
    if (process_mapping(process, image, image->python, false,
                        &python->runtime) == NULL)
        return false;
    if (pread(memory, begin, sizeof(begin), (off_t)python->runtime) ==
            (ssize_t)sizeof(begin) &&
        memcmp(begin, cookie, sizeof(begin)) == 0 &&
        member(python, HEX_VERSION, &version) &&
        member(python, FREE_THREADED, &free_threaded)) {
        python->minor = version >> 24 == 3 ? version >> 16 & 0xff : 0;
        python->is_free_threaded = free_threaded != 0;
    }
    return true;
}

/* ---- its threads ---- */

/* The main interpreter is the first, and the list has the last one first. */
static bool find_interpreter(const struct python *python, uint64_t *interpreter)
{
    uint64_t offset, number;
    unsigned i;

    if (!follow(python, python->runtime, INTERPRETERS, interpreter))
        return false;
    for (i = 0; i < MOST_INTERPRETERS && *interpreter != 0; i++) {
        if (!member(python, INTERPRETER_ID, &offset) ||
            !peek(python, *interpreter + offset, 8, &number))
            return false;
        if (number == 0)
            return true;
        if (!follow(python, *interpreter, INTERPRETER_NEXT, interpreter))
            return false;
    }
    return false;
}

/* The state of a thread by its number, of the main one by 0; or 0. */
static uint64_t find_state(const struct python *python, uint64_t interpreter,
                           unsigned native, long number)
{
    uint64_t state, offset, found;
    unsigned i;

    if (number == 0)
        return follow(python, interpreter, MAIN_THREAD, &state) ? state : 0;
    if (!follow(python, interpreter, THREADS, &state) ||
        !member(python, native, &offset))
        return 0;
    for (i = 0; i < MOST_THREADS && state != 0; i++) {
        if (!peek(python, state + offset, python->word, &found))
            return 0;
        if (found == (uint64_t)number)
            return state;
        if (!follow(python, state, THREAD_NEXT, &state))
            return 0;
    }
    return 0;
}

static bool find_request(uint64_t state, const uint64_t support[],
                         struct python_thread *thread)
{
    if (state == 0 || support[PATH_BYTES] < LEAST_PATH ||
        support[PATH_BYTES] > MOST_PATH)
        return false;
    if (thread != NULL)
        *thread = (struct python_thread){
            .pending = state + support[SUPPORT] + support[PENDING],
            .path = state + support[SUPPORT] + support[PATH],
            .breaker = state + support[BREAKER],
            .path_bytes = support[PATH_BYTES]};
    return true;
}

enum python_state python_state(const struct python *python, long number,
                               struct python_thread *thread)
{
    uint64_t support[PATH_BYTES + 1];
    uint64_t interpreter, enabled;
    unsigned i;

    for (i = 0; i < VERSIONS; i++)
        if (versions[i].minor == python->minor)
            break;
    if (i == VERSIONS)
        return python->minor < OLDEST ? PYTHON_TOO_OLD : PYTHON_TOO_NEW;
    for (unsigned j = 0; j <= PATH_BYTES; j++)
        if (!member(python, versions[i].support + j, &support[j]))
            return PYTHON_NOT_UP;
    if (!find_interpreter(python, &interpreter) ||
        !peek(python, interpreter + support[ENABLED], 4, &enabled))
        return PYTHON_NOT_UP;
    if (enabled != 1)
        return PYTHON_FORBIDS;
    return find_request(
               find_state(python, interpreter, versions[i].native, number),
               support, thread)
               ? PYTHON_TAKES
               : PYTHON_NOT_UP;
}

/* ---- the request ---- */

/* (An int, as the process has it.) */
static bool set_pending(const struct python *python,
                        const struct python_thread *thread, bool is)
{
    unsigned char value[4] = {0};

    value[python->big_endian ? 3 : 0] = is;
    return pwrite(python->memory, value, sizeof(value),
                  (off_t)thread->pending) == (ssize_t)sizeof(value);
}

bool python_ask(const struct python *python, const struct python_thread *thread,
                const char *path)
{
    size_t size = strlen(path) + 1;

    return size <= thread->path_bytes &&
           pwrite(python->memory, path, size, (off_t)thread->path) ==
               (ssize_t)size &&
           set_pending(python, thread, true);
}

/*
 * Only the byte that has the bit is written. What the interpreter changes in it
 * between the two calls is lost, as it is with its own sys.remote_exec(): so
 * this is for a thread that does not look by itself.
 */
void python_hurry(const struct python *python,
                  const struct python_thread *thread)
{
    uint64_t at = thread->breaker + (python->big_endian ? python->word - 1 : 0);
    unsigned char byte;

    if (pread(python->memory, &byte, 1, (off_t)at) != 1 || (byte & STOP) != 0)
        return;
    byte |= STOP;
    if (pwrite(python->memory, &byte, 1, (off_t)at) != 1)
        return; /* it has ended: who waits for it sees that */
}

bool python_is_asked(const struct python *python,
                     const struct python_thread *thread)
{
    uint64_t pending;

    return peek(python, thread->pending, 4, &pending) && pending != 0;
}

void python_take_back(const struct python *python,
                      const struct python_thread *thread)
{
    set_pending(python, thread, false);
}
