# SPDX-License-Identifier: MIT
"""Ask the server at a port, in three threads, until standard input ends.

Each connection has ten requests. Says how many were asked, and how many were
answered wrongly or not at all.
"""
import socket
import sys
import threading

port = int(sys.argv[1])
asked = [0] * 3
lost = [0] * 3
is_over = threading.Event()


def ask(index):
    while not is_over.is_set():
        with socket.create_connection(('127.0.0.1', port), 60) as connection:
            stream = connection.makefile('rwb')
            for words in range(1, 11):
                asked[index] += 1
                stream.write(b'word ' * words + b'\n')
                stream.flush()
                if stream.readline() != b'%d\n' % words:
                    lost[index] += 1


def run(index):
    try:
        ask(index)
    except OSError as error:
        lost[index] += 1
        print(error)


threads = [threading.Thread(target=run, args=(index,)) for index in range(3)]
for thread in threads:
    thread.start()
print('ready', flush=True)
sys.stdin.read()
is_over.set()
for thread in threads:
    thread.join()
print('asked', sum(asked), 'lost', sum(lost))
