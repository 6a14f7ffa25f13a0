/*
 * frames.d - the markers of probes.d, with the frame's address as a fourth
 * argument of function__entry and function__return, which the specification's
 * tapset reads. For hosts that have frames: configure --with-probes=FILE.
 */
provider python {
    /*
     * A bytecode function has begun to execute; never a function written in C.
     * A coroutine or generator that is resumed enters again.
     *
     * filename: the source file, as the interpreter names it
     * funcname: the function's name, as a traceback would give it
     * lineno: the line, counted from 1
     * frameptr: the frame's address, the same at its entry and its return
     *
     * @group eval
     */
    probe function__entry(const char *filename, const char *funcname,
                          int lineno, void *frameptr);

    /*
     * A bytecode function's execution has ended, by a return or by an error
     * that passes through it. A coroutine or generator that yields returns.
     *
     * filename: the source file, as the interpreter names it
     * funcname: the function's name, as a traceback would give it
     * lineno: the line that was being executed, counted from 1
     * frameptr: the frame's address, the same at its entry and its return
     *
     * @group eval
     */
    probe function__return(const char *filename, const char *funcname,
                           int lineno, void *frameptr);

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
     */
    probe audit(const char *event, void *tuple);
};
