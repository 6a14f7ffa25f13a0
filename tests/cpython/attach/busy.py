# Some of everything in three threads, each result looked at, until SIGTERM.
import asyncio
import functools
import sys
import threading

def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

def loops(n):
    total = 0
    while n:
        n -= 1
        total += n
    for i in range(100):
        for j in 1, 2, 3:
            total += j
    return total

def numbers(n):
    for i in range(n):
        try:
            yield i
        finally:
            i = None

def delegates(n):
    return (yield from numbers(n))

class Thrown(Exception):
    pass

def throws():
    generator = delegates(3)
    next(generator)
    try:
        generator.throw(Thrown)
    except Thrown:
        pass
    generator = numbers(3)
    next(generator)
    generator.close()
    next(numbers(3))        # unfinished
    try:
        numbers(1).throw(Thrown)
    except Thrown:
        return True

def raises(n):
    if n == 0:
        raise Thrown
    try:
        return raises(n - 1)
    finally:
        n += 1

def levels(function, *args):
    try:
        function(*args)
    except Exception as e:
        traceback, n = e.__traceback__, 0
        while traceback:
            traceback, n = traceback.tb_next, n + 1
        return n

def recurses(n):
    return recurses(n + 1)

class Thing:
    def __init__(self, x):
        self.x = x

    @property
    def double(self):
        return 2 * self.x

    def __getitem__(self, i):
        return self.x + i

    def __eq__(self, other):
        return self.x == other.x

    def __hash__(self):
        return self.x

    def __repr__(self):
        return f"Thing({self.x})"

async def sends(n):
    for i in range(n):
        yield i
        await asyncio.sleep(0)

async def receives(n):
    await asyncio.sleep(0)
    return sum([i async for i in sends(n)])

async def gathers():
    return await asyncio.gather(receives(3), receives(4), receives(5))

def lines(function, *args):
    """Those that the program's own trace function sees, from the first."""
    seen = []

    def trace(frame, event, arg):
        if event == "line":
            seen.append(frame.f_lineno - function.__code__.co_firstlineno)
        return trace

    sys.settrace(trace)
    function(*args)
    sys.settrace(None)
    return seen

def rounds():
    for i in 1, 2:
        while i: i -= 1
    while i < 2:
        i += 1
    for i in numbers(2): pass

def check(got, expected):
    if got != expected:
        raise SystemExit(f"{got!r} instead of {expected!r}")

def work():
    thing = Thing(3)
    check(fibonacci(12), 144)
    check(loops(1000), 500100)
    check(list(delegates(20)), list(range(20)))
    check(throws(), True)
    check(levels(raises, 30), 32)
    check(levels(recurses, 0) > 900, True)
    check((thing.double, thing[4], repr([thing])), (6, 7, "[Thing(3)]"))
    check({thing: 1}[Thing(3)], 1)
    check(functools.reduce(lambda x, y: 2 * x + y, range(10)), 1013)
    check(sorted(range(5), key=lambda x: -x), [4, 3, 2, 1, 0])
    check({x: y for x in range(3) for y in range(x)}, {1: 0, 2: 1})
    check([n for n in lines(rounds) if 0 < n < 6], [
        1, 2, 1, 2, 2, 1, 3, 4, 3, 4, 3, 5, 5, 5])
    names = {}
    exec("def f(x):\n    return 2 * x\ny = f(4)", names)
    check(names["y"], 8)

finished = []

def work_on():
    while on:
        work()
    finished.append(True)

threads = [threading.Thread(target=work_on) for i in range(2)]
for thread in threads:
    thread.start()
while on:
    work()
    check(asyncio.run(gathers()), [3, 6, 10])
for thread in threads:
    thread.join()
print(finished)
