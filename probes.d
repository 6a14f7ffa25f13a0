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
 * that are pointers; no other tracer sees it.
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
};
