# SPDX-License-Identifier: MIT
"""A program that works until its standard input ends, with all kinds of
functions. For each line of input it says whether the module has anything on.
"""
import asyncio
import gc
import os
import sys
import threading
import time
import warnings

import pytrace

pytrace.install()
go_on = True


def recursive(n):
    return n and recursive(n - 1)


def generate(n):
    for i in range(n):
        yield recursive(i)


def delegate(n):
    yield from generate(n)


def fails(n):
    if n == 0:
        raise ValueError
    fails(n - 1)


async def wait(n):
    for _ in range(n):
        await asyncio.sleep(0)


async def gather():
    await asyncio.gather(*(wait(3) for _ in range(3)))


def closes():
    generator = generate(9)
    next(generator)
    generator.close()
    thrown = generate(9)
    next(thrown)
    try:
        thrown.throw(KeyError)
    except KeyError:
        pass


def deep(n):
    try:
        return deep(n + 1)
    except RecursionError:
        return n


def work():
    while go_on:
        list(delegate(5))
        try:
            fails(4)
        except ValueError:
            pass
        closes()
        asyncio.run(gather())
        eval('[x for x in (y for y in range(3))]')
        time.sleep(0.001)   # so that a tracer on a busy machine loses nothing


def recurse():
    while go_on:
        deep(0)
        time.sleep(0.01)


def forks():
    while go_on:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')     # (of threads)
            child = os.fork()
        if child == 0:
            os._exit(recursive(9))
        if os.waitpid(child, 0)[1] != 0:
            print('a child failed', file=sys.stderr)
        time.sleep(0.05)


threads = [threading.Thread(target=target)
           for target in (work, work, recurse, forks)]
for thread in threads:
    thread.start()
print('ready', flush=True)
for line in sys.stdin:
    tools = [sys.monitoring.get_tool(n) for n in range(6)]
    print('on' if 'pytrace' in tools or gc.callbacks else 'off', flush=True)
go_on = False
for thread in threads:
    thread.join()
