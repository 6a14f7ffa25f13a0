# The workloads of tests/cpython/cost.sh.
#
#   python cost.py                  list them
#   python cost.py time NAME SIZE   do it SIZE times; print the seconds of
#                                   processor time that it took
#   python cost.py count NAME...    do each in its two sizes, for callgrind
#
# Each does the same in every round, and leaves nothing behind.

import sys


def fib(size):
    def call(n):
        return n if n < 2 else call(n - 1) + call(n - 2)
    for _ in range(size):
        call(9)


def while_loop(size):
    n = size * 100
    while n > 0:
        n -= 1


def for_loop(size):
    total = 0
    for i in range(size * 100):
        total ^= i


def floats(size):
    # Two bodies on their way around each other.
    x, y, vx, vy, step = 1.0, 0.0, 0.0, 1.0, 0.001
    for _ in range(size):
        for _ in range(20):
            pull = (x * x + y * y) ** -1.5
            vx -= x * pull * step
            vy -= y * pull * step
            x += vx * step
            y += vy * step


def strings(size):
    text = "the quick brown fox jumps over the lazy dog"
    for i in range(size):
        words = [word.title() for word in text.split()]
        "-".join(words).replace("o", "0").encode()
        f"{words[i % 9]:>10} {i:05d}"


def dicts(size):
    keys = [f"key {i}" for i in range(20)]
    for _ in range(size):
        table = dict.fromkeys(keys, 0)
        for key in keys:
            table[key] += len(key)
        {value: key for key, value in table.items()}
        sorted(table)


def generators(size):
    def count(n):
        for i in range(n):
            yield i

    def twice(n):
        yield from count(n)
        yield from count(n)

    for _ in range(size):
        sum(i for i in twice(10))


def exceptions(size):
    def fail(depth):
        if depth == 0:
            raise KeyError(depth)
        fail(depth - 1)

    for _ in range(size):
        try:
            fail(2)
        except KeyError:
            pass
        finally:
            [].append(0)


def objects(size):
    class Point:
        def __init__(self, x, y):
            self.x = x
            self.y = y

        def plus(self, other):
            return Point(self.x + other.x, self.y + other.y)

        @property
        def norm(self):
            return abs(self.x) + abs(self.y)

        def __eq__(self, other):
            return self.x == other.x and self.y == other.y

    step = Point(1, 2)
    for _ in range(size):
        p = Point(0, 0)
        for _ in range(5):
            p = p.plus(step)
        p.norm, p == step


def callbacks(size):
    # Python called from C.
    numbers = list(range(10))
    for _ in range(size):
        sorted(numbers, key=lambda n: -n)
        list(map(lambda n: n + 1, numbers))


def coroutines(size):
    async def leaf():
        return 1

    async def tree(depth):
        if depth == 0:
            return await leaf()
        return await tree(depth - 1) + await tree(depth - 1)

    for _ in range(size):
        try:
            tree(2).send(None)
        except StopIteration:
            pass


def imports(size):
    for _ in range(size):
        for name in ("bisect", "keyword", "stat"):
            sys.modules.pop(name, None)
            __import__(name)


def json(size):
    from json import dumps, loads
    data = {"name": "pytrace", "list": [1, 2.5, None, True, "text"],
            "nested": {"empty": {}, "deep": [[["end"]]]}}
    for _ in range(size):
        # Indented, it is written by Python; else by C.
        loads(dumps(data, indent=1))
        loads(dumps(data))


def re(size):
    import re
    line = "2025-06-11 12:30:59 host daemon[123]: started 45 of 67"
    pattern = re.compile(r"(\d+)-(\d+)-(\d+) .* (\w+)\[(\d+)\]: (?P<text>.*)$")
    for _ in range(size):
        pattern.match(line).groupdict()
        re.sub(r"\d+", lambda match: str(len(match[0])), line)
        re.split(r"[ :-]+", line)


# Of each: what a round is, and the two sizes to compare.
WORKLOADS = {
    fib: ("109 calls", 20, 520),
    while_loop: ("100 rounds", 20, 1020),
    for_loop: ("100 rounds", 20, 520),
    floats: ("20 steps", 20, 620),
    strings: ("a sentence", 20, 820),
    dicts: ("20 keys", 20, 420),
    generators: ("20 items", 20, 820),
    exceptions: ("an exception", 20, 1520),
    objects: ("7 objects", 20, 820),
    callbacks: ("20 callbacks", 20, 820),
    coroutines: ("11 awaits", 20, 820),
    imports: ("3 modules", 2, 12),
    json: ("a document", 20, 170),
    re: ("a line", 20, 220),
}


def count(workload, sizes):
    # callgrind begins a new count at each call of os.getppid(). The collector
    # would come into the one or the other.
    import gc
    from os import getppid
    gc.disable()
    for size in sizes:
        getppid()
        workload(size)
    getppid()


def main(arguments):
    if not arguments:
        for workload, (unit, small, large) in WORKLOADS.items():
            print(workload.__name__, small, large, unit)
    elif arguments[0] == "time":
        from time import process_time
        workload, size = globals()[arguments[1]], int(arguments[2])
        workload(1)
        start = process_time()
        workload(size)
        print(process_time() - start)
    else:
        for name in arguments[1:]:
            workload = globals()[name]
            small, large = WORKLOADS[workload][1:]
            # (The first brings it to its steady state.)
            count(workload, (small, small, large))


main(sys.argv[1:])
