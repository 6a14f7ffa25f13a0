/*
 * python_script.c - a script that a CPython runs, and its answer
 * (python_script.h).
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "python_script.h"
#include "python_hold.h"
#include "ticks.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Milliseconds. */
enum {
    HURRY = 10,     /* that an interpreter gets to look by itself */
    PATIENCE = 900, /* until it is not asked any more */
    LESS = 400,     /* the same where there are other threads ... */
    OTHERS = 150,   /* ... for each of which it is that */
    MOST = 5000,    /* until a script that runs has ended */
};

/*
 * It has a scope of its own, imports nothing that is not there already, and
 * lets no exception out: that would be written to the program's output. But a
 * Ctrl-C that comes meanwhile is the program's. Paths are in hexadecimal, so
 * that no character of theirs means anything.
 */
#define FRAME \
    "def run():\n" \
    "    import sys, posix, _thread\n" \
    "    def path(text):\n" \
    "        return bytes.fromhex(text).decode('utf-8', 'surrogateescape')\n" \
    "    interrupted = False\n" \
    "    try:\n" \
    "        answer = work(sys, path)\n" \
    "    except BaseException as error:\n" \
    "        interrupted = isinstance(error, KeyboardInterrupt)\n" \
    "        answer = f'{type(error).__name__}: {error}'\n" \
    "    try:\n" \
    "        file = posix.open(path('%s'), posix.O_WRONLY)\n" \
    "        posix.write(file, answer.encode('ascii', 'replace') or b'?')\n" \
    "        posix.close(file)\n" \
    "    except BaseException as error:\n" \
    "        interrupted |= isinstance(error, KeyboardInterrupt)\n" \
    "    if interrupted:\n" \
    "        _thread.interrupt_main()\n" \
    "run()\n"

char *script_path(const char *text)
{
    char *result = allocate(2 * strlen(text) + 1, 1);
    size_t i;

    for (i = 0; text[i] != '\0'; i++)
        snprintf(result + 2 * i, 3, "%02x", (unsigned char)text[i]);
    return result;
}

bool script_has_ended(const struct python_process *process)
{
    char byte;

    return pread(process->memory, &byte, 1, (off_t)process->python.runtime) !=
           1;
}

static uint64_t milliseconds_since(uint64_t begin)
{
    return (monotonic_now() - begin) / 1000000;
}

/* What it has answered, if it has. */
static bool has_answered(int answer, char *text, size_t size)
{
    ssize_t length = pread(answer, text, size - 1, 0);

    text[length > 0 ? length : 0] = '\0';
    return *text != '\0';
}

/*
 * Until it has answered, or is still asked after so many milliseconds; what it
 * answered into text, "" where it has not.
 */
static enum script_result wait_for(const struct python_process *process,
                                   const struct python_thread *thread,
                                   unsigned patience, int answer, char *text,
                                   size_t size)
{
    const struct timespec a_moment = {0, 300000};
    uint64_t begin = monotonic_now();
    bool is_hurried = false;

    for (;;) {
        bool is_asked = python_is_asked(&process->python, thread);
        uint64_t passed = milliseconds_since(begin);

        if (has_answered(answer, text, size))
            return SCRIPT_RAN;
        if (is_asked && passed >= HURRY && !is_hurried) {
            /* (Another thread was hurried while it was held.) */
            if (thread == &process->thread)
                python_hurry(&process->python, thread);
            is_hurried = true;
        }
        if (is_asked && passed >= patience)
            return SCRIPT_NOT_RUN;
        if (!is_asked && (script_has_ended(process) || passed >= MOST))
            return SCRIPT_SILENT;
        nanosleep(&a_moment, NULL);
    }
}

/* (It may have begun when it is taken back: its files stay a bit.) */
static enum script_result wait_again(int answer, char *text, size_t size)
{
    nanosleep(&(const struct timespec){0, 20000000}, NULL);
    return has_answered(answer, text, size) ? SCRIPT_RAN : SCRIPT_NOT_RUN;
}

static enum script_result ask_main(const struct python_process *process,
                                   const char *path, unsigned patience,
                                   int answer, char *text, size_t size)
{
    enum script_result result;

    if (!python_ask(&process->python, &process->thread, path))
        return SCRIPT_NOT_ASKED;
    result = wait_for(process, &process->thread, patience, answer, text, size);
    if (result != SCRIPT_NOT_RUN)
        return result;
    python_take_back(&process->python, &process->thread);
    return wait_again(answer, text, size);
}

/* Its state is looked up and written to while it is held, each time. */
static enum script_result ask_other(const struct python_process *process,
                                    struct held *held, const char *path,
                                    int answer, char *text, size_t size)
{
    const struct python *python = &process->python;
    struct python_thread thread;
    enum script_result result;
    bool is_asked;

    /* (Being held ends a C library's wait with EINTR: not for nothing.) */
    if (python_state(python, held->own, NULL) != PYTHON_TAKES || !hold(held))
        return SCRIPT_NOT_RUN;
    is_asked = python_state(python, held->own, &thread) == PYTHON_TAKES &&
               python_ask(python, &thread, path);
    if (is_asked)
        python_hurry(python, &thread);
    hold_end(held);
    if (!is_asked)
        return SCRIPT_NOT_RUN;
    result = wait_for(process, &thread, OTHERS, answer, text, size);
    if (result != SCRIPT_NOT_RUN || !hold(held))
        return result;
    if (python_state(python, held->own, &thread) == PYTHON_TAKES)
        python_take_back(python, &thread);
    hold_end(held);
    return wait_again(answer, text, size);
}

/* The main thread first. It may be blocked in C for long, as in join(). */
static enum script_result ask(const struct python_process *process,
                              const char *path, int answer, char *text,
                              size_t size)
{
    struct held others[MOST_HELD];
    size_t count = hold_candidates(process->pid, others);
    enum script_result result = ask_main(
        process, path, count != 0 ? LESS : PATIENCE, answer, text, size);
    uint64_t begin = monotonic_now();
    size_t i;

    for (i = 0; i < count && result == SCRIPT_NOT_RUN &&
                milliseconds_since(begin) < PATIENCE - LESS;
         i++)
        result = ask_other(process, &others[i], path, answer, text, size);
    return result;
}

enum script_result script_run(const struct python_process *process,
                              const struct room *room, const char *work,
                              char *text, size_t size)
{
    char *path = formatted("%s/script.py", room->path);
    char *answer_path = formatted("%s/answer", room->path);
    char *coded = script_path(answer_path);
    char *script = formatted("%s" FRAME, work, coded);
    int answer = room_answer(room, "answer", &process->status);
    enum script_result result = SCRIPT_NOT_ASKED;

    *text = '\0';
    if (answer >= 0 && room_write(room, "script.py", script, strlen(script)))
        result = ask(process, path, answer, text, size);
    if (answer >= 0)
        close(answer);
    free(script);
    free(coded);
    free(answer_path);
    free(path);
    return result;
}
