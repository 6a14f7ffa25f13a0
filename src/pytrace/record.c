/* SPDX-License-Identifier: MIT */
#include "commands.h"

int record_main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return 2;
}
