/*
 * lines.d - at the end, the 20 most executed lines.
 *
 * a command:       dtrace -C -D PROVIDER=lua -s lines.d -c 'lua a.lua'
 * a process:       dtrace -C -D PROVIDER=lua -s lines.d -p PID
 * each process of an executable or a library that runs now:
 *                  sh every.sh lua FILE -s lines.d
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

#ifndef MARKER
#define MARKER(name) JOIN(PROVIDER, $target):::name
#define JOIN(provider, process) JOINED(provider, process)
#define JOINED(provider, process) provider ## process
#endif

int seen_lines;

MARKER(line)
{
    seen_lines = 1;
    @lines[pid, copyinstr(arg0), (int)arg2, copyinstr(arg1)] = count();
    @executed = count();
}

END
{
    trunc(@lines, 20);
    printf("%12s %7s  %s\n", "COUNT", "PID", "LINE");
    printa("%@12d %7d  %s:%d %s\n", @lines);
    printa("%@12d          in all\n", @executed);
}

END
/!seen_lines/
{
    printf("No line was seen.\n");
}
