/*
 * linker.h - how long a process that has just executed a program is still
 * loading its libraries: the dynamic linker's mapping, and its system calls.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_LINKER_H
#define PYTRACE_LINKER_H

#include <stdbool.h>
#include <stdint.h>

struct linker {
    uint64_t start, end; /* its mapping */
    bool is_libc;        /* musl's is the C library, too */
    unsigned closed;     /* files, since it mapped one; where it is */
};

/* A system call, as PTRACE_GET_SYSCALL_INFO has it. */
struct linker_call {
    uint32_t architecture; /* AUDIT_ARCH_... */
    uint64_t number, pointer;
};

/*
 * The dynamic linker of a process that is stopped as it executes a program.
 * False when it has none, or it may not be read.
 */
bool linker_find(long pid, struct linker *linker);
/* Whether this may be a call of the linker, at its work. */
bool linker_calls(struct linker *linker, const struct linker_call *call);
/* The linker closes a library's file when all of the library is mapped. */
bool linker_closes(const struct linker_call *call);

#endif
