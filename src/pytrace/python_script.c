/*
 * python_script.c - a script that a CPython runs, and its answer
 * (python_script.h).
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "python_script.h"
#include "ticks.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Milliseconds. */
enum {
    HURRY = 10,     /* that an interpreter gets to look by itself */
    PATIENCE = 900, /* until it is not asked any more */
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

/* Until it has answered; what it answered into text, "" where it has not. */
static enum script_result wait_for(const struct python_process *process,
                                   int answer, char *text, size_t size)
{
    const struct timespec a_moment = {0, 300000};
    uint64_t begin = monotonic_now();
    bool is_hurried = false;

    for (;;) {
        bool is_asked = python_is_asked(&process->python, &process->thread);
        uint64_t passed = milliseconds_since(begin);
        ssize_t length = pread(answer, text, size - 1, 0);

        text[length > 0 ? length : 0] = '\0';
        if (*text != '\0')
            return SCRIPT_RAN;
        if (is_asked && passed >= HURRY && !is_hurried) {
            python_hurry(&process->python, &process->thread);
            is_hurried = true;
        }
        if (is_asked && passed >= PATIENCE) {
            python_take_back(&process->python, &process->thread);
            /* (It may have begun at this moment: its files stay a bit.) */
            nanosleep(&(const struct timespec){0, 20000000}, NULL);
            length = pread(answer, text, size - 1, 0);
            text[length > 0 ? length : 0] = '\0';
            return *text != '\0' ? SCRIPT_RAN : SCRIPT_NOT_RUN;
        }
        if (!is_asked && (script_has_ended(process) || passed >= MOST))
            return SCRIPT_SILENT;
        nanosleep(&a_moment, NULL);
    }
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
    if (answer >= 0 && room_write(room, "script.py", script, strlen(script)) &&
        python_ask(&process->python, &process->thread, path))
        result = wait_for(process, answer, text, size);
    if (answer >= 0)
        close(answer);
    free(script);
    free(coded);
    free(answer_path);
    free(path);
    return result;
}
