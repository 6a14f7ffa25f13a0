/*
 * python_room.h - a directory for what a process is to read, which may have
 * another user, another root, and other mounts than this program.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_PYTHON_ROOM_H
#define PYTRACE_PYTHON_ROOM_H

#include "refuse.h"

#define ROOM "pytrace." /* its name begins so */

struct room {
    int parent, directory; /* descriptors; -1: there is none */
    char name[40];
    char path[64]; /* as the process sees it */
};

/*
 * Only this user, and what it is for, can write there. has_library: it is for
 * a file that is mapped to be run. Takes away those of this user that a pytrace
 * has left, which was killed. False: why there is none.
 */
bool room_make(struct room *room, long pid, const struct status *status,
               bool has_library, struct reason *reason);
/* With all that is in it. What is none is left alone. */
void room_remove(struct room *room);
/* A file that the process can read; false: it cannot be written. */
bool room_write(const struct room *room, const char *name, const void *bytes,
                size_t size);
/* One that it can write. Returns a descriptor that reads it, or -1. */
int room_answer(const struct room *room, const char *name,
                const struct status *status);
/* Whether it sees the same file at that path, and can read it. */
bool room_is_shared(long pid, const struct status *status, const char *path);

#endif
