# SPDX-License-Identifier: MIT
"""Four threads that call, return, yield and raise at the same time:
parallel.py ROUNDS; with 0, for as long as the standard input is open.
"""
import sys
import threading

rounds = int(sys.argv[1])
ended = threading.Event()


def leaf(n):
    if n % 10 == 7:
        raise KeyError(n)
    return n


def middle(n):
    try:
        return leaf(n)
    except KeyError:
        return 0


def numbers(n):
    for i in range(3):
        yield middle(n + i)


def work():
    n = 0
    while n < rounds or rounds == 0 and not ended.is_set():
        sum(numbers(n))
        n += 1


threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
print('ready', flush=True)
if rounds == 0:
    sys.stdin.read()
    ended.set()
for thread in threads:
    thread.join()
print('with the GIL' if sys._is_gil_enabled() else 'without the GIL')
