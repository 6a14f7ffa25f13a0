/*
 * calls.c - runs a function of tests/code/guard.c so many times, for
 * tests/cost/measure.sh, which counts the instructions.
 *
 *   calls loop|byte TIMES
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

int work(int number);
void report(int number);
int loop(const char *file, int times);
int behind_group_or(const unsigned char *byte, int number);

int work(int number)
{
    return number & 1;
}

void report(int number)
{
    exit(number);
}

int main(int argc, char **argv)
{
    int times = argc == 3 ? atoi(argv[2]) : 0, sum = 0, i;
    unsigned char byte = 0;

    if (times == 0)
        return 2;
    if (strcmp(argv[1], "loop") == 0)
        sum = loop("file", times);
    else
        for (i = 0; i < times; i++)
            sum += behind_group_or(&byte, i);
    return sum == -1;
}
