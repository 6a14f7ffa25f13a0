/*
 * collections.d - at the end, for each generation of the garbage collector
 * its cycles, the time they took and the objects they freed.
 *
 * a command:       dtrace -C -D PROVIDER=lua -s collections.d -c 'lua a.lua'
 * a process:       dtrace -C -D PROVIDER=lua -s collections.d -p PID
 * each process of an executable or a library that runs now:
 *                  sh every.sh lua FILE -s collections.d
 *
 * A cycle is a pause where the collector stops the program during it. Between
 * the steps of an incremental collector the program runs.
 *
 * PROVIDER is the interpreter's. Ctrl-C ends it, as does the end of the
 * command or process. Needs root and, for -C, the C preprocessor. Written for
 * Oracle's DTrace 2.0.7; not tried with those of FreeBSD, illumos and macOS.
 *
 * SPDX-License-Identifier: MIT
 */

#pragma D option quiet
#pragma D option aggsortrev

#ifndef MARKER
#define MARKER(name) JOIN(PROVIDER, $target):::name
#define JOIN(provider, process) JOINED(provider, process)
#define JOINED(provider, process) provider ## process
#endif

int seen_collections;

self int generation;
self uint64_t collecting;

MARKER(gc-start)
{
    self->generation = (int)arg0;
    self->collecting = timestamp;
}

MARKER(gc-done)
/self->collecting/
{
    this->pause = timestamp - self->collecting;
    seen_collections = 1;
    @pauses[pid, self->generation] = sum(this->pause);
    @longest[pid, self->generation] = max(this->pause);
    @cycles[pid, self->generation] = count();
    @freed[pid, self->generation] = sum((long)arg0);
    @pause[pid, self->generation] = quantize(this->pause / 1000);
    self->collecting = 0;
    self->generation = 0;
}

END
{
    normalize(@pauses, 1000);
    normalize(@longest, 1000);
    printf("%7s %10s %12s %12s %10s %14s\n", "PID", "GENERATION",
        "TOTAL us", "LONGEST us", "CYCLES", "OBJECTS FREED");
    printa("%7d %10d %@12d %@12d %@10d %@14d\n", @pauses, @longest, @cycles,
        @freed);
    printf("\nTime of a cycle (us)\n");
    printa("\nprocess %d, generation %d%@d", @pause);
}

END
/!seen_collections/
{
    printf("No collection was seen.\n");
}
