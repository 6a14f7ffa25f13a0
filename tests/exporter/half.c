/*
 * half.c - so many requests of which only a half is sent: half PORT COUNT. Says
 * "ready" when they are there, and waits until it is killed.
 *
 * SPDX-License-Identifier: MIT
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    static const char half[] = "GET /metrics HTTP/1.1\r\nHost: a\r\nAcc";
    int count;

    if (argc != 3)
        return 2;
    address.sin_port = htons((unsigned short)atoi(argv[1]));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (count = atoi(argv[2]); count > 0; count--) {
        int descriptor = socket(AF_INET, SOCK_STREAM, 0);

        if (connect(descriptor, (struct sockaddr *)&address, sizeof(address)) !=
                0 ||
            write(descriptor, half, sizeof(half) - 1) < 0)
            return 1;
    }
    puts("ready");
    fflush(stdout);
    pause();
    return 0;
}
