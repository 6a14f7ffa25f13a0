# SPDX-License-Identifier: MIT
"""A program that is soon over, with work until a moment that differs."""
import os
import time

import pytrace

pytrace.install()


def work(n):
    return [str(i) for i in range(n)]


end = time.monotonic() + os.getpid() % 10 * 0.04
while time.monotonic() < end:
    work(100)
print('done')
