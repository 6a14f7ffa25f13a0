/*
 * probes.d - the markers of pytrace: the one place where they are listed.
 *
 * The public header, the runtime, the table that pytrace.h gives, the manual
 * page and the provider header are all made from this file (src/generate.
 * To add a marker, add a probe here, with the comment that documents it.
 *
 * The comment before a probe becomes its documentation: first what the marker
 * means, then a line "name: meaning" for each argument. "@group NAME" says
 * that the probe's semaphore lies in one aligned word with those of the other
 * probes of that group, at most four, so that PYTRACE_NAME_ENABLED() tests
 * all of them at the price of one. "@text" says that a host can give the
 * recorder a text with the event, which is what a recording shows of arguments
 * that are pointers; no other tracer sees it. "@optional" says that the group
 * is left out unless configure's --with-groups names it; its macros are then
 * empty, and cost nothing.
 *
 * Arguments are integers or pointers, at most six, so that each arrives in a
 * register; a "const char *" is a string, and never NULL to a tracer.
 *
 * SPDX-License-Identifier: MIT
 */
provider python {
    /*
     * A bytecode function has begun to execute; never a function written in C.
     * A coroutine or generator that is resumed enters again.
     *
     * filename: the source file, as the interpreter names it
     * funcname: the function's name, as a traceback would give it
     * lineno: the line, counted from 1
     *
     * @group eval
     * @text
     */
    probe function__entry(const char *filename, const char *funcname,
                          int lineno);

    /*
     * A bytecode function's execution has ended, by a return or by an error
     * that passes through it. A coroutine or generator that yields returns.
     *
     * filename: the source file, as the interpreter names it
     * funcname: the function's name, as a traceback would give it
     * lineno: the line that was being executed, counted from 1
     *
     * @group eval
     */
    probe function__return(const char *filename, const char *funcname,
                           int lineno);

    /*
     * A line of source is about to execute; never inside a C function.
     *
     * filename: the source file, as the interpreter names it
     * funcname: the function's name, as a traceback would give it
     * lineno: the line, counted from 1
     *
     * @group eval
     */
    probe line(const char *filename, const char *funcname, int lineno);

    /*
     * A garbage collection cycle starts.
     *
     * generation: the generation to scan, 0 for the youngest
     */
    probe gc__start(int generation);

    /*
     * A garbage collection cycle is finished.
     *
     * collected: the number of objects collected
     */
    probe gc__done(long collected);

    /*
     * The import system is about to look for a module and to load it.
     *
     * modulename: the module's full name
     */
    probe import__find__load__start(const char *modulename);

    /*
     * The import system has looked for a module.
     *
     * modulename: the module's full name
     * found: 1 when the module was loaded, 0 when it was not
     */
    probe import__find__load__done(const char *modulename, int found);

    /*
     * An audit event is raised, before what it announces happens.
     *
     * event: the event's name
     * tuple: a pointer to the event's arguments, in the interpreter's own form
     *
     * @text
     */
    probe audit(const char *event, void *tuple);

    /*
     * An exception is thrown, by the program or by the interpreter. One that
     * passes from a function to its caller is not thrown again. The arguments
     * are those of Ruby's "raise", with the function behind them; PHP's marker
     * of this name has the first.
     *
     * classname: the class or type of what is thrown
     * filename: the source file, as the interpreter names it
     * lineno: the line that was being executed, counted from 1
     * funcname: the function's name, as a traceback would give it
     *
     * @group exceptions
     * @optional
     * @text
     */
    probe exception__thrown(const char *classname, const char *filename,
                            int lineno, const char *funcname);

    /*
     * An exception has come to a function that takes it. The functions that it
     * ended have returned.
     *
     * classname: the class or type of what is thrown
     * filename: the source file, as the interpreter names it
     * lineno: the line that was being executed, counted from 1
     * funcname: the function's name, as a traceback would give it
     *
     * @group exceptions
     * @optional
     */
    probe exception__caught(const char *classname, const char *filename,
                            int lineno, const char *funcname);

    /*
     * A function written in C is called by the program. The arguments are those
     * of Ruby's "cmethod__entry".
     *
     * classname: the class or module that the C function is of, where known
     * funcname: the function's name, as a traceback would give it
     * filename: the source file, as the interpreter names it
     * lineno: the line that was being executed, counted from 1
     *
     * @group cfunctions
     * @optional
     */
    probe cfunction__entry(const char *classname, const char *funcname,
                           const char *filename, int lineno);

    /*
     * A function written in C has ended, by a return or by an error that passes
     * through it.
     *
     * classname: the class or module that the C function is of, where known
     * funcname: the function's name, as a traceback would give it
     * filename: the source file, as the interpreter names it
     * lineno: the line that was being executed, counted from 1
     *
     * @group cfunctions
     * @optional
     */
    probe cfunction__return(const char *classname, const char *funcname,
                            const char *filename, int lineno);

    /*
     * A thread of the program begins to run; on that thread. The arguments are
     * those of Java's marker of this name.
     *
     * name: the name that the program has given it, or ""
     * length: the name's length in bytes
     * threadid: what the interpreter identifies the thread by
     * nativeid: what the system identifies the thread by
     * daemon: 1 when the program can end before the thread, 0 when it waits
     *
     * @group threads
     * @optional
     */
    probe thread__start(const char *name, unsigned long length,
                        unsigned long threadid, unsigned long nativeid,
                        int daemon);

    /*
     * A thread of the program is about to end; on that thread.
     *
     * name: the name that the program has given it, or ""
     * length: the name's length in bytes
     * threadid: what the interpreter identifies the thread by
     * nativeid: what the system identifies the thread by
     * daemon: 1 when the program can end before the thread, 0 when it waits
     *
     * @group threads
     * @optional
     */
    probe thread__stop(const char *name, unsigned long length,
                       unsigned long threadid, unsigned long nativeid,
                       int daemon);

    /*
     * A task begins to run on this thread, or goes on: a coroutine, or what an
     * event loop runs.
     *
     * task: its address, which tells it from other tasks while it lives
     * taskname: the name that the program or the interpreter has for the task
     *
     * @group tasks
     * @optional
     */
    probe task__enter(void *task, const char *taskname);

    /*
     * A task stops running on this thread: it waits, or has ended.
     *
     * task: its address, which tells it from other tasks while it lives
     * taskname: the name that the program or the interpreter has for the task
     *
     * @group tasks
     * @optional
     */
    probe task__leave(void *task, const char *taskname);

    /*
     * A thread has to wait for the interpreter's lock, which another one has.
     *
     * interpreter: the number of the interpreter whose lock it is, from 0
     *
     * @group gil
     * @optional
     */
    probe gil__wait(long interpreter);

    /*
     * A thread has taken the interpreter's lock, whether it waited or not.
     *
     * interpreter: the number of the interpreter whose lock it is, from 0
     *
     * @group gil
     * @optional
     */
    probe gil__take(long interpreter);

    /*
     * A thread is about to give the interpreter's lock away.
     *
     * interpreter: the number of the interpreter whose lock it is, from 0
     *
     * @group gil
     * @optional
     */
    probe gil__drop(long interpreter);

    /*
     * The same moment as audit, with the event's arguments as text, which every
     * tracer can read.
     *
     * event: the event's name
     * tuple: a pointer to the event's arguments, in the interpreter's own form
     * text: the event's arguments as text, cut where it is long
     *
     * @group auditing
     * @optional
     */
    probe audit__arguments(const char *event, void *tuple, const char *text);
};
