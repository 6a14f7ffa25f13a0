# SPDX-License-Identifier: MIT
"""Tracers that come and go a thousand times, while threads, asyncio and forks
run: churn.py SEMAPHORES, which it raises and lowers itself, as the kernel does.
Prints how it went.
"""
import asyncio
import gc
import json
import os
import random
import sys
import threading
import time
import warnings

import pytrace
import pytrace._pytrace

places = json.loads(sys.argv[1])
pytrace.install()
with open('/proc/self/maps') as file:
    base = min(int(line.split('-')[0], 16) for line in file
               if '_pytrace.abi3.so' in line)
memory = open('/proc/self/mem', 'r+b', buffering=0)
go_on = True
errors = []


def change(wanted):
    """Raise the semaphores of these places, and lower the others."""
    open(pytrace._pytrace.__file__).close()     # a tracer does so
    for place in places:
        os.pwrite(memory.fileno(), bytes([place in wanted, 0]), base + place)


def generate(n):
    yield from range(n)


async def wait():
    await asyncio.sleep(0)


async def gather():
    await asyncio.gather(wait(), wait())


def work(once):
    try:
        while go_on:
            once()
            time.sleep(0)
    except BaseException as error:
        errors.append(error)


def calls():
    for i in generate(9):
        sorted([i, 2], key=lambda value: -value)
    try:
        raise KeyError
    except KeyError:
        pass


def collects():
    gc.collect(0)
    sys.modules.pop('colorsys', None)
    import colorsys
    sys.audit('churn')


def forks():
    child = os.fork()
    if child == 0:
        calls()
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        errors.append('a child failed')


threads = [threading.Thread(target=work, args=[once]) for once in
           (calls, calls, lambda: asyncio.run(gather()), collects)]
for thread in threads:
    thread.start()
random.seed(1)
came = 0
for i in range(1000):
    change(random.sample(places, random.randrange(len(places))))
    time.sleep(random.random() * 0.004)
    came += any(sys.monitoring.get_tool(n) for n in range(6))
go_on = False
for thread in threads:
    thread.join()
# (Where other threads run, it warns of them in any case.)
go_on = True
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter('always')
    for i in range(50):
        change(random.sample(places, random.randrange(len(places))))
        forks()
errors.extend(caught)
change([])
end = time.monotonic() + 30
while time.monotonic() < end and (gc.callbacks or any(
        sys.monitoring.get_tool(n) for n in range(6))):
    time.sleep(0.01)
memory.close()
print('errors', errors)
print('sometimes on', 100 < came < 1000)
print('off at the end', not gc.callbacks and not any(
    sys.monitoring.get_tool(n) for n in range(6)))

pytrace.remove()
pytrace.install(temporary=True)
is_installed = pytrace.is_installed()
end = time.monotonic() + 60
while time.monotonic() < end and (pytrace.is_installed() or
                                  len(os.listdir('/proc/self/task')) > 1):
    time.sleep(0.01)
print('temporary: goes by itself', is_installed and not pytrace.is_installed()
      and len(os.listdir('/proc/self/task')) == 1)
