/* program.c - the executable of library.c: no marker is in it. */
/* SPDX-License-Identifier: MIT */
#include "library.h"

#include <stddef.h>

int main(void)
{
    toy_audit("start", NULL);
    return toy_run("main.t");
}
