/*
 * launch.h - start a command so that the recorder can attach to it before its
 * first marker, and know of all that it becomes: the programs that it executes,
 * its children where they are to be followed, and its end.
 *
 * A thread of its own traces the command by ptrace. The command stops when it
 * executes a program, when it starts a child that is followed, and at its
 * signals, which it gets unchanged. When the recorder dies, the command lives.
 *
 *     launch_new()    before the recorder's own signal handlers
 *     launch_start()  the command runs
 *     poll(launch_descriptor()), launch_next()  until LAUNCH_ENDED of the
 *                     command itself
 *     launch_free()
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_LAUNCH_H
#define PYTRACE_LAUNCH_H

#include "base.h"

struct launch;

/* What is called in the tracing thread. */
struct launch_calls {
    /*
     * This process is stopped, and something new is mapped in it: it has
     * executed a program, or its dynamic linker has loaded one more library.
     * True when the recorder has found a host and attached: then it is not
     * called again before the process executes the next program. (A library
     * that is loaded when the program runs is not told: look for it.)
     */
    bool (*mapped)(long pid, void *data);
    /* What the operator must know; a sentence without the program's name. */
    void (*tell)(const char *sentence, void *data);
    void *data;
};

enum launch_kind {
    LAUNCH_EXECUTED, /* pid has executed a program; mapped() saw it first */
    LAUNCH_FORKED,   /* followed: parent has started pid, a process */
    LAUNCH_ENDED     /* pid has ended, with this status, as waitpid() has it */
};

struct launch_event {
    enum launch_kind kind;
    long pid;
    long parent; /* of LAUNCH_FORKED */
    int status;  /* of LAUNCH_ENDED */
};

/*
 * A command to start, as execvp() has it, with the signal mask and dispositions
 * of this moment: so call it before they are changed, and before other threads
 * are started, as it blocks the terminal's stop signals: the recorder stops
 * when its command has. (Ctrl-C reaches the command, too: ignore SIGINT.)
 * The caller's descriptors must have O_CLOEXEC. Both pointers must live as long
 * as the launch.
 */
struct launch *launch_new(char *const *command, bool follow,
                          const struct launch_calls *calls);
/*
 * Start it, and return when it has executed its program and mapped() has seen
 * that. The thread that calls it must live as long as the command. 0, or what
 * to exit with, with the reason: 127 when there is no such command, 126 when it
 * cannot be executed or no process can be made. Where ptrace is not permitted,
 * it runs all the same, tell() is called, mapped() is not, and the one event is
 * the command's own LAUNCH_ENDED.
 */
int launch_start(struct launch *launch, struct reason *reason);
bool launch_is_traced(const struct launch *launch);
long launch_pid(const struct launch *launch);
/* Readable while an event waits. */
int launch_descriptor(const struct launch *launch);
/* Take the next event, in the order in which they came. False: there is none.
 */
bool launch_next(struct launch *launch, struct launch_event *event);
/*
 * The recording is over: trace no process any more. All run on, and the
 * command's end is still told. When it returns, mapped() is not called again.
 */
void launch_release(struct launch *launch);
/* Releases; the command runs on when it has not ended. */
void launch_free(struct launch *launch);
/* What to exit with: the command's exit status, or 128 and its signal. */
int launch_exit_status(int status);

#endif
