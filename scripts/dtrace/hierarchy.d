/*
 * hierarchy.d - every call and return as it happens, indented by depth; of
 * everything, or only of what happens inside one function.
 *
 * a command:       dtrace -C -D PROVIDER=lua -s hierarchy.d -c 'lua a.lua'
 * a process:       dtrace -C -D PROVIDER=lua -s hierarchy.d -p PID
 * each process of an executable or a library that runs now:
 *                  sh every.sh lua FILE -s hierarchy.d
 *
 * With the name of a function as the last argument, only what happens inside
 * that function is shown, on each thread. Calls that began before tracing are
 * not shown. Events come in the order of time as long as the program stays on
 * one processor; elsewhere "| sort -n" restores it.
 *
 * Names are cut after 127 bytes. PROVIDER is the interpreter's. Ctrl-C ends
 * it, as does the end of the command or process. Needs root and, for -C, the C
 * preprocessor. Written for Oracle's DTrace 2.0.7; not tried with those of
 * FreeBSD, illumos and macOS.
 *
 * SPDX-License-Identifier: MIT
 */

#pragma D option quiet
#pragma D option defaultargs
#pragma D option strsize=128
#pragma D option bufsize=16m    /* a storm of calls does not wait for dtrace */

#ifndef MARKER
#define MARKER(name) JOIN(PROVIDER, $target):::name
#define JOIN(provider, process) JOINED(provider, process)
#define JOINED(provider, process) provider ## process
#endif

inline int WIDEST = 50;         /* deeper calls are not indented further */

self int depth;

int seen_hierarchy;

BEGIN
{
    start = timestamp;
    printf("%12s %7s %7s  %s\n", "TIME us", "PID", "TID", "FUNCTION");
}

MARKER(function-entry)
/$$1 == "" || self->depth || copyinstr(arg1) == $$1/
{
    seen_hierarchy = 1;
    printf("%12d %7d %7d  %*s=> %s %s:%d\n", (timestamp - start) / 1000, pid,
        tid, 2 * (self->depth < WIDEST ? self->depth : WIDEST), "",
        copyinstr(arg1), copyinstr(arg0), (int)arg2);
    self->depth++;
}

MARKER(function-return)
/self->depth/
{
    self->depth--;
    printf("%12d %7d %7d  %*s<= %s %s:%d\n", (timestamp - start) / 1000, pid,
        tid, 2 * (self->depth < WIDEST ? self->depth : WIDEST), "",
        copyinstr(arg1), copyinstr(arg0), (int)arg2);
}

END
/!seen_hierarchy/
{
    printf("No call was seen.\n");
}
