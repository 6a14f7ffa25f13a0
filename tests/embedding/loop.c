/*
 * loop.c - the example of docs/embedding.md for an interpreter without a line
 * hook: its loop, which is compiled twice. What is between two lines "docs" is
 * in the document.
 *
 * SPDX-License-Identifier: MIT
 */
#include "pytrace_probes.h"

#include "loop.h"

/* ---- docs ---- */
/* Compiled twice, with TRACED 0 and 1. Each hands over to the other. */
#if TRACED
#define RUN run_traced
#define OTHER run_plain
#define MUST_STOP(vm) (!PYTRACE_EVAL_ENABLED() || (vm)->pending)
#else
#define RUN run_plain
#define OTHER run_traced
#define MUST_STOP(vm) PYTRACE_EVAL_ENABLED_OR((vm)->pending)
#endif

void RUN(struct vm *vm)
{
    const struct instruction *pc = vm->pc;

again: /* where a function begins, and where a loop goes round */
    if (MUST_STOP(vm)) {
        vm->pc = pc; /* all that the other one needs is in vm */
        if (vm->pending)
            return;
        OTHER(vm); /* the last thing that is done: a jump */
        return;
    }
#if TRACED
    vm->line = 0; /* also for a loop of one line, which begins again */
#endif
    for (;; pc++) {
#if TRACED
        if (pc->line != vm->line)
            PYTRACE_LINE("loop.t", vm->function, pc->line);
        vm->line = pc->line;
#endif
        switch (pc->operation) {
        case JUMP_BACK:
            if (vm->rounds-- == 0)
                break;
            pc -= pc->operand;
            goto again;
            /* ---- docs ---- */
        case ADD: vm->sum += pc->operand; break;
        case CALL: call(vm); break;
        case RETURN: return;
        }
#if TRACED
        round_traced(vm);
#endif
    }
}

#undef RUN
#undef OTHER
#undef MUST_STOP
