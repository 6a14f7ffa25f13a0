# SPDX-License-Identifier: MIT
"""Fork children when it is told to: "short" a child that ends, "long" one that
works until it is killed; says the child's status, or its number.
"""
import os
import select
import sys
import time


def child_works():
    return sum(range(50))


print('ready', flush=True)
while True:
    if not select.select([0], [], [], 0.01)[0]:     # it runs Python meanwhile
        continue
    command = os.read(0, 100).decode().strip()
    if not command:
        break
    child = os.fork()
    if child == 0:
        child_works()
        while command == 'long':
            child_works()
            time.sleep(0.001)
        sys.exit(0)
    if command == 'short':
        print('status', os.waitpid(child, 0)[1])
    else:
        print('child', child)
    print('done', command, flush=True)
