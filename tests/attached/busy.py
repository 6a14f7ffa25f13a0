# SPDX-License-Identifier: MIT
"""Call functions for as long as it runs: outer() calls inner() ten times."""
import time


def inner():
    return sum(range(50))


def outer():
    for _ in range(10):
        inner()


print('ready', flush=True)
while True:
    outer()
    time.sleep(0.001)
