# SPDX-License-Identifier: MIT
# Thousands of calls a second of processor time, for 2 seconds.
import time


def inner():
    pass


def outer():
    inner()


calls = 0
start = now = time.process_time()
while now - start < 2:
    for _ in range(10000):
        outer()
    calls += 20
    now = time.process_time()
print(f"{calls / (now - start):.0f}")
