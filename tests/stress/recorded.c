/*
 * recorded.c - print what is in a recording (recording.h).
 *
 *   recorded FILE
 *
 * Prints how many events each marker has that has some, and
 *   events COUNT
 *   lost COUNT
 *   unknown STRINGS
 *   end WHY           (0 asked, 1 ended, 2 given up, 3 error, -1 none)
 *
 * SPDX-License-Identifier: MIT
 */
#include "recording.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    static struct recording recording;
    int i;

    if (argc != 2) {
        fprintf(stderr, "usage: recorded FILE\n");
        return 2;
    }
    recording_read(&recording, argv[1]);
    for (i = 0; i < recording.markers; i++)
        if (recording.marker[i].events != 0)
            printf("%s %ld\n", recording.marker[i].name,
                   recording.marker[i].events);
    printf("events %ld\nlost %ld\nunknown %ld\nend %d\n", recording.events,
           recording.lost, recording.unknown, recording.why);
    return 0;
}
