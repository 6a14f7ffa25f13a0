# SPDX-License-Identifier: MIT
"""Threads install and remove the markers at the same time; then, installed,
processes are forked. Prints the threads that are left, and what is wrong.
"""
import os
import threading

import pytrace


def threads():
    return len(os.listdir('/proc/self/task'))


def change():
    for _ in range(200):
        pytrace.install()
        pytrace.remove()


changing = [threading.Thread(target=change) for _ in range(4)]
for thread in changing:
    thread.start()
for thread in changing:
    thread.join()
print('after install() and remove():', threads())
pytrace.install()
for _ in range(20):
    child = os.fork()
    if child == 0:
        os._exit(0 if pytrace.is_installed() and threads() == 2 else 1)
    if os.waitpid(child, 0)[1] != 0:
        print('a child has not the markers')
pytrace.remove()
print('after forks:', threads())
