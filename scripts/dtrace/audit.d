/*
 * audit.d - each audit event as it happens.
 *
 * a command:       dtrace -C -D PROVIDER=lua -s audit.d -c 'lua a.lua'
 * a process:       dtrace -C -D PROVIDER=lua -s audit.d -p PID
 * each process of an executable or a library that runs now:
 *                  sh every.sh lua FILE -s audit.d
 *
 * Events come in the order of time as long as the program stays on one
 * processor; elsewhere "| sort -n" restores it.
 *
 * Names are cut after 127 bytes. PROVIDER is the interpreter's. Ctrl-C ends
 * it, as does the end of the command or process. Needs root and, for -C, the C
 * preprocessor. Written for Oracle's DTrace 2.0.7; not tried with those of
 * FreeBSD, illumos and macOS.
 *
 * SPDX-License-Identifier: MIT
 */

#pragma D option quiet
#pragma D option strsize=128

#ifndef MARKER
#define MARKER(name) JOIN(PROVIDER, $target):::name
#define JOIN(provider, process) JOINED(provider, process)
#define JOINED(provider, process) provider ## process
#endif

int seen_audit;

BEGIN
{
    start = timestamp;
    printf("%12s %7s %-16s %s\n", "TIME us", "PID", "NAME", "EVENT");
}

MARKER(audit)
{
    seen_audit = 1;
    printf("%12d %7d %-16s %s\n", (timestamp - start) / 1000, pid, execname,
        copyinstr(arg0));
}

END
/!seen_audit/
{
    printf("No audit event was seen.\n");
}
