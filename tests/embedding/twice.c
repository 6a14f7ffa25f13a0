/*
 * twice.c - a program for loop.c. It runs three rounds, or, with an argument,
 * until it was traced for a while. With ONE_FILE, both loops are compiled here.
 *
 * SPDX-License-Identifier: MIT
 */
#include "pytrace_probes.h"

#include "loop.h"

#include <stdio.h>

#ifdef ONE_FILE
#define TRACED 0
#include "loop.c"
#undef TRACED
#define TRACED 1
#include "loop.c"
#endif

static const struct instruction callee[] = {{ADD, 5, 11}, {RETURN, 0, 12}};
static const struct instruction program[] = {
    {ADD, 1, 2}, {CALL, 0, 2}, {JUMP_BACK, 2, 2}, {RETURN, 0, 3}};

void call(struct vm *vm)
{
    struct vm called = {callee, "callee", 0, 0, 0, 0};

    PYTRACE_FUNCTION_ENTRY("loop.t", "callee", 10);
    run_plain(&called);
    PYTRACE_FUNCTION_RETURN("loop.t", "callee", 12);
    vm->sum += called.sum;
}

static long instructions_left = -1;

void round_traced(struct vm *vm)
{
    if (instructions_left > 0 && --instructions_left == 0)
        vm->pending = 1;
}

int main(int argc, char **argv)
{
    struct vm vm = {program, "main", 0, 0, 2, 0};

    (void)argv;
    if (argc > 1) {
        vm.rounds = -1;
        instructions_left = 1000;
    }
    puts("ready");
    fflush(stdout);
    PYTRACE_FUNCTION_ENTRY("loop.t", "main", 1);
    run_plain(&vm);
    PYTRACE_FUNCTION_RETURN("loop.t", "main", vm.line);
    return vm.sum >= 18 ? 0 : 1;
}
