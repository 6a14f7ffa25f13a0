/*
 * python_room.c - a directory for what a process is to read (python_room.h).
 *
 * The process may be another user's, and its file system be made to mislead:
 * no link is followed below its root, the directory is in one that no one else
 * can change the names of, and all files are made anew, by descriptors.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "python_room.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char *const parents[] = {"/tmp", "/var/tmp", "/dev/shm"};
enum { PARENTS = sizeof(parents) / sizeof(parents[0]) };

/* ---- where ---- */

/* Below the root of the process, and never along a link. */
static int open_below(int root, const char *path)
{
    char name[32];
    int at = fcntl(root, F_DUPFD_CLOEXEC, 3);

    while (at >= 0 && *path == '/') {
        size_t length = strcspn(++path, "/");
        int next;

        snprintf(name, sizeof(name), "%.*s", (int)length, path);
        next = openat(at, name, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        close(at);
        at = next;
        path += length;
    }
    return at;
}

/* Whether no one but its user, root there, and this user can rename in it. */
static bool is_safe(int directory, int root, const struct status *status)
{
    struct stat itself, top;

    if (fstat(directory, &itself) != 0 || fstat(root, &top) != 0)
        return false;
    return (itself.st_uid == 0 || itself.st_uid == top.st_uid ||
            itself.st_uid == geteuid() || itself.st_uid == status->users[1]) &&
           ((itself.st_mode & (S_IWGRP | S_IWOTH)) == 0 ||
            (itself.st_mode & S_ISVTX) != 0);
}

static bool can_run(int directory)
{
    struct statvfs system;

    return fstatvfs(directory, &system) == 0 &&
           (system.f_flag & ST_NOEXEC) == 0;
}

static bool is_own(int directory)
{
    struct stat status;

    return fstat(directory, &status) == 0 && status.st_uid == geteuid();
}

/* ---- one that a pytrace has left, which was killed ---- */

static const char *const files[] = {"script.py", "answer", "_pytrace.abi3.so"};
enum { FILES = sizeof(files) / sizeof(files[0]) };

static bool is_room(const char *name)
{
    size_t length = strlen(ROOM);

    return strncmp(name, ROOM, length) == 0 && strlen(name) == length + 16 &&
           strspn(name + length, "0123456789abcdef") == 16;
}

/* Whether a process may still be asked for the script: it has no answer. */
static bool is_awaited(int directory)
{
    struct stat script, answer;

    return fstatat(directory, "script.py", &script, AT_SYMLINK_NOFOLLOW) == 0 &&
           (fstatat(directory, "answer", &answer, AT_SYMLINK_NOFOLLOW) != 0 ||
            answer.st_size == 0);
}

static void empty(int directory)
{
    size_t i;

    for (i = 0; i < FILES; i++)
        unlinkat(directory, files[i], 0);
}

/* Who has one holds its lock, until it ends. */
static void remove_left(int parent, const char *name)
{
    int directory = openat(parent, name, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (directory < 0)
        return;
    if (is_own(directory) && flock(directory, LOCK_EX | LOCK_NB) == 0 &&
        !is_awaited(directory)) {
        empty(directory);
        unlinkat(parent, name, AT_REMOVEDIR);
    }
    close(directory);
}

static void remove_all_left(int parent)
{
    int copy = openat(parent, ".", O_DIRECTORY | O_CLOEXEC);
    DIR *entries = copy < 0 ? NULL : fdopendir(copy);
    struct dirent *entry;

    if (entries == NULL) {
        if (copy >= 0)
            close(copy);
        return;
    }
    while ((entry = readdir(entries)) != NULL)
        if (is_room(entry->d_name))
            remove_left(parent, entry->d_name);
    closedir(entries);
}

/* ---- a new one ---- */

/* (One that looks for those that are left may have taken it away already.) */
static bool is_locked(int directory)
{
    struct stat status;

    return flock(directory, LOCK_EX | LOCK_NB) == 0 &&
           fstat(directory, &status) == 0 && status.st_nlink != 0;
}

static bool make_in(struct room *room, const char *parent,
                    const struct status *status)
{
    mode_t mode = status->users[1] == geteuid() ? 0700 : 0711;
    uint64_t number;

    if (getrandom(&number, sizeof(number), 0) != sizeof(number))
        return false;
    snprintf(room->name, sizeof(room->name), ROOM "%016llx",
             (unsigned long long)number);
    snprintf(room->path, sizeof(room->path), "%s/%s", parent, room->name);
    if (mkdirat(room->parent, room->name, 0700) != 0)
        return false;
    room->directory =
        openat(room->parent, room->name, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (room->directory >= 0 && is_own(room->directory) &&
        is_locked(room->directory) && fchmod(room->directory, mode) == 0)
        return true;
    if (room->directory >= 0)
        close(room->directory);
    room->directory = -1;
    unlinkat(room->parent, room->name, AT_REMOVEDIR);
    return false;
}

bool room_make(struct room *room, long pid, const struct status *status,
               bool has_library, struct reason *reason)
{
    char name[64];
    int root, i;

    room->parent = room->directory = -1;
    snprintf(name, sizeof(name), "/proc/%ld/root", pid);
    root = open(name, O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        return because(reason,
                       "the file system of process %ld cannot be "
                       "opened: %s",
                       pid, strerror(errno));
    for (i = 0; i < PARENTS; i++) {
        room->parent = open_below(root, parents[i]);
        if (room->parent >= 0 && is_safe(room->parent, root, status) &&
            (!has_library || can_run(room->parent))) {
            remove_all_left(room->parent);
            if (make_in(room, parents[i], status) ||
                make_in(room, parents[i], status))
                break;
        }
        room_remove(room);
    }
    close(root);
    return i < PARENTS ||
           because(reason,
                   "process %ld has no directory for the markers' module: "
                   "/tmp, /var/tmp and /dev/shm there cannot be written, can "
                   "be changed by others%s",
                   pid, has_library ? ", or run nothing (noexec)" : "");
}

void room_remove(struct room *room)
{
    if (room->directory >= 0) {
        empty(room->directory);
        close(room->directory);
        unlinkat(room->parent, room->name, AT_REMOVEDIR);
    }
    if (room->parent >= 0)
        close(room->parent);
    room->parent = room->directory = -1;
}

/* ---- its files ---- */

static int make_file(const struct room *room, const char *name)
{
    return openat(room->directory, name,
                  O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

bool room_write(const struct room *room, const char *name, const void *bytes,
                size_t size)
{
    int file;
    bool good;

    unlinkat(room->directory, name, 0);
    file = make_file(room, name);
    good = file >= 0 && write(file, bytes, size) == (ssize_t)size &&
           fchmod(file, 0555) == 0;
    if (file >= 0)
        close(file);
    return good;
}

int room_answer(const struct room *room, const char *name,
                const struct status *status)
{
    int file;

    unlinkat(room->directory, name, 0);
    file = make_file(room, name);
    if (file >= 0 && status->users[3] != geteuid() &&
        fchown(file, (uid_t)status->users[3], (gid_t)-1) != 0) {
        close(file);
        return -1;
    }
    return file;
}

/* ---- a file that needs no room ---- */

/* Whether each directory above it can be passed by everyone, and it be read. */
static bool is_for_all(const char *path)
{
    struct stat status;
    char above[MAX_NAME];
    const char *at = path;

    while ((at = strchr(at + 1, '/')) != NULL) {
        snprintf(above, sizeof(above), "%.*s", (int)(at - path), path);
        if (stat(above, &status) != 0 || (status.st_mode & S_IXOTH) == 0)
            return false;
    }
    return stat(path, &status) == 0 && (status.st_mode & S_IROTH) != 0;
}

bool room_is_shared(long pid, const struct status *status, const char *path)
{
    char *there = formatted("/proc/%ld/root%s", pid, path);
    struct stat here, other;
    bool is;

    is = stat(path, &here) == 0 && stat(there, &other) == 0 &&
         here.st_dev == other.st_dev && here.st_ino == other.st_ino &&
         ((status->users[1] == geteuid() && status->users[3] == geteuid()) ||
          is_for_all(path));
    free(there);
    return is;
}
