# SPDX-License-Identifier: MIT
"""The main thread waits for another one, which calls functions for as long as it
runs: outer() calls inner() ten times. With "asleep", that one waits, too.
"""
import sys
import threading
import time


def inner():
    return sum(range(50))


def outer():
    for _ in range(10):
        inner()


def work():
    while True:
        outer()
        time.sleep(3600 if 'asleep' in sys.argv else 0.001)


thread = threading.Thread(target=work)
thread.start()
print('ready', flush=True)
thread.join()
