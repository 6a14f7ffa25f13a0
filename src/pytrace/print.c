/* SPDX-License-Identifier: MIT */
#include "commands.h"

int print_main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return 2;
}
