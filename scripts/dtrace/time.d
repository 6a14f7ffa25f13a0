/*
 * time.d - at the end, for each function its calls and the time spent in it,
 * without and with the functions that it called; most of its own time first.
 * Then how the times of single calls are distributed.
 *
 * a command:       dtrace -C -D PROVIDER=lua -s time.d -c 'lua a.lua'
 * a process:       dtrace -C -D PROVIDER=lua -s time.d -p PID
 * each process of an executable or a library that runs now:
 *                  sh every.sh lua FILE -s time.d
 *
 * Times are time on the clock, not on the processor. They include the cost of
 * tracing, some microseconds for each call below. A call inside a call of the
 * same function counts once in the inclusive time. While a coroutine is
 * suspended its functions are not running. Calls that have not returned, or
 * that began before tracing, are not counted. Calls nested deeper than DEEPEST
 * are timed as part of their caller; the script prints their number.
 *
 * Names are cut after 127 bytes. PROVIDER is the interpreter's. Ctrl-C ends
 * it, as does the end of the command or process. Needs root and, for -C, the C
 * preprocessor. Written for Oracle's DTrace 2.0.7; not tried with those of
 * FreeBSD, illumos and macOS.
 *
 * SPDX-License-Identifier: MIT
 */

#pragma D option quiet
#pragma D option aggsortrev
#pragma D option strsize=128
#pragma D option dynvarsize=32m /* room for some 20 threads that deep */

#ifndef MARKER
#define MARKER(name) JOIN(PROVIDER, $target):::name
#define JOIN(provider, process) JOINED(provider, process)
#define JOINED(provider, process) provider ## process
#endif

inline int DEEPEST = 1000;              /* of the calls that are timed */

int seen_time;

self int calls;                         /* that are under way, */
self uint64_t entered[int];             /* and of each: when it began, */
self uint64_t callees[int];             /* the time of what it called, */
self string file[int];                  /* and what it is */
self string function[int];
self int line[int];
self int active[string, string, int];   /* calls of one function under way */

MARKER(function-entry)
{
    seen_time = 1;
    self->calls++;
}

MARKER(function-entry)
/self->calls <= DEEPEST/
{
    self->callees[self->calls] = 0;
    self->line[self->calls] = (int)arg2;
    self->file[self->calls] = copyinstr(arg0);
    self->function[self->calls] = copyinstr(arg1);
}

/* A value for which there was no room is NULL or 0 when it is read. */
MARKER(function-entry)
/self->calls <= DEEPEST && self->function[self->calls] != NULL/
{
    self->entered[self->calls] = 1;
}

MARKER(function-entry)
/!self->entered[self->calls]/
{
    @untimed = count();
}

MARKER(function-entry)
/self->entered[self->calls]/
{
    self->active[self->function[self->calls], self->file[self->calls],
        self->line[self->calls]]++;
    self->entered[self->calls] = timestamp;
}

MARKER(function-return)
/self->calls && self->entered[self->calls]/
{
    this->time = timestamp - self->entered[self->calls];
    this->file = self->file[self->calls];
    this->function = self->function[self->calls];
    this->line = self->line[self->calls];
    this->recursive = --self->active[this->function, this->file, this->line];

    @exclusive[pid, this->function, this->file, this->line] =
        sum(this->time - self->callees[self->calls]);
    @inclusive[pid, this->function, this->file, this->line] =
        sum(this->recursive ? 0 : this->time);
    @timed[pid, this->function, this->file, this->line] = count();
    @each[pid, this->function, this->file, this->line] =
        quantize(this->time / 1000);
    self->callees[self->calls - 1] += this->time;
}

MARKER(function-return)
/self->calls/
{
    self->entered[self->calls] = 0;
    self->callees[self->calls] = 0;
    self->file[self->calls] = 0;
    self->function[self->calls] = 0;
    self->line[self->calls] = 0;
    self->calls--;
}

END
{
    normalize(@exclusive, 1000);
    normalize(@inclusive, 1000);
    printf("%13s %13s %10s %7s  %s\n", "EXCLUSIVE us", "INCLUSIVE us",
        "CALLS", "PID", "FUNCTION");
    printa("%@13d %@13d %@10d %7d  %s %s:%d\n", @exclusive, @inclusive, @timed);
    printa("%@d calls could not be timed: too deep, or too many at once\n",
        @untimed);
    trunc(@each, 5);
    printf("\nTime of a call (us), of the 5 functions with the most in all\n");
    printa("\nprocess %d, %s %s:%d%@d", @each);
}

END
/!seen_time/
{
    printf("No call was seen.\n");
}
