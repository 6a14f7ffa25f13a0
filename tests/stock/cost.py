# SPDX-License-Identifier: MIT
"""Work for callgrind, each in two sizes: cost.py HOW SEMAPHORES. HOW is without
the module, with it, or detached: after function and line markers, those of
these semaphores, were traced for a while.
"""
import json
import os
import sys
import time

how, places = sys.argv[1], json.loads(sys.argv[2])


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def loop(n):
    total = 0
    for i in range(n):
        total ^= i
    return total


document = json.dumps({'names': [1, 2.5, {'name': 'c' * 20}] * 20})


def fibs():
    fib(10)


def loops():
    loop(1000)


def jsons():
    json.dumps(json.loads(document))


def trace(on):
    """Raise or lower the semaphores, as the kernel does."""
    with open('/proc/self/maps') as file:
        base = min(int(line.split('-')[0], 16) for line in file
                   if '_pytrace.abi3.so' in line)
    with open('/proc/self/mem', 'r+b', buffering=0) as memory:
        for place in places:
            memory.seek(base + place)
            memory.write(bytes([on, 0]))
    end = time.monotonic() + 60
    while any(sys.monitoring.get_tool(n) == 'pytrace'
              for n in range(6)) != bool(on):
        if time.monotonic() > end:
            sys.exit('sys.monitoring is not turned on or off')
        time.sleep(0.01)


def work(size):
    for name in fibs, loops, jsons:
        for rounds in size, 11 * size:
            os.getppid()    # callgrind begins a new count there
            for _ in range(rounds):
                name()
        os.getppid()


if how != 'without':
    import pytrace
    pytrace.install()
if how == 'detached':
    trace(1)
    fibs(), loops(), jsons()
    trace(0)
fibs(), loops(), jsons()
work(2)
