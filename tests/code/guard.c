/* guard.c - what tests/guard_code.sh looks at, compiled. */
/* SPDX-License-Identifier: MIT */
#include "pytrace_probes.h"

int work(int number);
void report(int number);

/* The guard must be inside the loop, here and in wait() and poll(). */
int loop(const char *file, int times)
{
    int i, sum = 0;

    for (i = 0; i < times; i++) {
        PYTRACE_LINE(file, "loop", i);
        sum += work(i);
    }
    return sum;
}

int one(int number)
{
    PYTRACE_GC_START(number);
    return number + 1;
}

int group(int number)
{
    if (PYTRACE_EVAL_ENABLED())
        pytrace_line("file", "group", number);
    return number + 1;
}

int group_or(const unsigned char *byte, int number)
{
    if (PYTRACE_EVAL_ENABLED_OR(*byte))
        pytrace_line("file", "group_or", number);
    return number + 1;
}

/* What a host does behind a guard is out of the way, too. */
int behind(int number)
{
    if (PYTRACE_LINE_ENABLED())
        report(number);
    return number + 1;
}

int behind_group(int number)
{
    if (PYTRACE_EVAL_ENABLED())
        report(number);
    return number + 1;
}

int behind_group_or(const unsigned char *byte, int number)
{
    if (PYTRACE_EVAL_ENABLED_OR(*byte))
        report(number);
    return number + 1;
}

int wait(void)
{
    int rounds = 0;

    while (!PYTRACE_LINE_ENABLED())
        rounds++;
    return rounds;
}

int poll(const unsigned char *byte)
{
    int rounds = 0;

    while (!PYTRACE_EVAL_ENABLED_OR(*byte))
        rounds++;
    return rounds;
}
