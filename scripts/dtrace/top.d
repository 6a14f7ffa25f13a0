/*
 * top.d - each second, and at the end, the 20 functions that were entered
 * most, in each process.
 *
 * a command:       dtrace -C -D PROVIDER=lua -s top.d -c 'lua a.lua'
 * a process:       dtrace -C -D PROVIDER=lua -s top.d -p PID
 * each process of an executable or a library that runs now:
 *                  sh every.sh lua FILE -s top.d
 *
 * Names are cut after 127 bytes. PROVIDER is the interpreter's. Ctrl-C ends
 * it, as does the end of the command or process. Needs root and, for -C, the C
 * preprocessor. Written for Oracle's DTrace 2.0.7; not tried with those of
 * FreeBSD, illumos and macOS.
 */

#pragma D option quiet
#pragma D option aggsortrev
#pragma D option strsize=128

#ifndef MARKER
#define MARKER(name) JOIN(PROVIDER, $target):::name
#define JOIN(provider, process) JOINED(provider, process)
#define JOINED(provider, process) provider ## process
#endif

MARKER(function-entry)
{
    @top[pid, copyinstr(arg1), copyinstr(arg0), (int)arg2] = count();
    @entered = count();
}

tick-1s, END
{
    trunc(@top, 20);
    printf("\n%Y", walltimestamp);
    printa("  %@d calls", @entered);
    printf("\n%7s %10s  %s\n", "PID", "CALLS", "FUNCTION");
    printa("%7d %@10d  %s %s:%d\n", @top);
    trunc(@top);
    clear(@entered);
}
