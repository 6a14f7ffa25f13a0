#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""slow.py - clients of pytrace export that read a byte a second.

    slow.py COUNT

Says "reading" when each has read the first byte."""
import socket
import sys
import time

clients = []
for _ in range(int(sys.argv[1])):
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    client.connect(("127.0.0.1", 9929))
    client.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
    clients.append(client)
for client in clients:
    client.recv(1)
print("reading", flush=True)
while clients:
    time.sleep(1)
    for client in list(clients):
        try:
            if not client.recv(1):
                clients.remove(client)
        except OSError:
            clients.remove(client)
