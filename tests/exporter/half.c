/*
 * half.c - so many requests that are never whole: half PORT COUNT. Each is
 * begun, and gets another byte each second. Says "ready" when they are begun,
 * and "closed" when the server has closed all of them.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 1000 };

static int descriptors[MOST];
static const char *left[MOST]; /* what is still to be sent of the half */

/* Zero: it is closed. One that the server has not accepted yet waits. */
static int go_on(int i)
{
    ssize_t sent;
    char byte;

    if (descriptors[i] < 0)
        return 0;
    if (*left[i] != '\0')
        sent = send(descriptors[i], left[i], strlen(left[i]), 0);
    else
        sent = send(descriptors[i], "a", 1, 0);
    if (sent > 0 && *left[i] != '\0')
        left[i] += sent;
    if ((sent >= 0 || errno == EAGAIN) &&
        (recv(descriptors[i], &byte, 1, 0) > 0 || errno == EAGAIN))
        return 1;
    close(descriptors[i]);
    descriptors[i] = -1;
    return 0;
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int count, open, i;

    if (argc != 3 || (count = atoi(argv[2])) > MOST)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    address.sin_port = htons((unsigned short)atoi(argv[1]));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (i = 0; i < count; i++) {
        /* (Where the server is full, it does not connect at once.) */
        descriptors[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        left[i] = "GET /metrics HTTP/1.1\r\nHost: a\r\nAcc";
        if (connect(descriptors[i], (struct sockaddr *)&address,
                    sizeof(address)) != 0 &&
            errno != EINPROGRESS)
            return 1;
    }
    do {
        for (i = open = 0; i < count; i++)
            open += go_on(i);
        puts("ready");
        fflush(stdout);
        sleep(1);
    } while (open > 0);
    puts("closed");
    fflush(stdout);
    pause();
    return 0;
}
