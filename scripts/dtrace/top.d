/*
 * top.d - for each second, a second later, the 20 functions that were entered
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
 *
 * SPDX-License-Identifier: MIT
 */

#pragma D option quiet
#pragma D option aggsortrev
#pragma D option aggrate=10hz
#pragma D option strsize=128

#ifndef MARKER
#define MARKER(name) JOIN(PROVIDER, $target):::name
#define JOIN(provider, process) JOINED(provider, process)
#define JOINED(provider, process) provider ## process
#endif

/*
 * Emptying a table loses what was counted since dtrace last read it. So three
 * tables take turns, a second each, and one is shown and emptied a second after
 * the last call was counted in it. trunc() empties it: clear() of DTrace 2.0.7
 * sets dtrace's copies of all tables to 0.
 */
int seen_top;

int turn;
uint64_t turned;

MARKER(function-entry)
{
    seen_top = 1;
    this->turn = turn;
}

#define COUNT(n) \
    MARKER(function-entry) \
    /this->turn == n/ \
    { \
        @top##n[pid, copyinstr(arg1), copyinstr(arg0), (int)arg2] = count(); \
        @entered##n = count(); \
    }

COUNT(0)
COUNT(1)
COUNT(2)

#define SHOW(time, n) \
    trunc(@top##n, 20); \
    printf("\n%Y", time); \
    printa("  %@d calls", @entered##n); \
    printf("\n%7s %10s  %s\n", "PID", "CALLS", "FUNCTION"); \
    printa("%7d %@10d  %s %s:%d\n", @top##n); \
    trunc(@top##n); \
    trunc(@entered##n)

#define TURN(n, before) \
    tick-1s, END \
    /turn == n && turned/ \
    { \
        SHOW(turned, before); \
    } \
    END \
    /turn == n/ \
    { \
        SHOW(walltimestamp, n); \
    }

TURN(0, 2)
TURN(1, 0)
TURN(2, 1)

tick-1s
{
    turn = (turn + 1) % 3;
    turned = walltimestamp;
}

END
/!seen_top/
{
    printf("No call was seen.\n");
}
