# The lines that sys.settrace() reports.
import contextlib

def loops(n):
    for i in range(n):
        if i == 1:
            continue
        n += i
    else:
        n += 1
    while n > 3:
        n -= 1
    for i in range(2): pass
    for i in range(2): n += i
    while n: n -= 1
    while True:
        break
    for i in range(2):
        for j in range(2):
            pass
    return n

loops(2)

def tries():
    try:
        x = 1
        raise ValueError
    except KeyError:
        pass
    except (
        TypeError,
        ValueError,
    ) as e:
        x = 2
    else:
        x = 3
    finally:
        x = 4
    try:
        pass
    finally:
        return x

tries()

def groups():
    try:
        raise ExceptionGroup("", [ValueError()])
    except* KeyError:
        pass
    except* ValueError:
        x = 1

groups()

class Manager:
    def __enter__(self): return self
    def __exit__(self, *args): return True

def managers():
    with Manager() as a, \
            Manager() as b:
        x = 1
    with (
        Manager() as a,
        Manager() as b,
    ):
        raise ValueError
    with contextlib.suppress(ValueError):
        for x in "ab":
            with a:
                continue

managers()

def matches(x):
    match x:
        case [1, 2]:
            y = 1
        case {"a": a}:
            y = 2
        case int() if x > 1:
            y = 3
        case _:
            y = 4
    return y

matches([1, 2])
matches({"a": 1})
matches(2)
matches(1)

def comprehensions():
    a = [x for x in range(2)]
    b = {
        x: y
        for x in a
        for y in a
        if x
    }
    return sum(
        x
        for x in a
    )

comprehensions()

def called(
    x,
    y=1,
):
    return x

called(
    1,
    y=called(
        2,
    ),
)

def decorator(f):
    return f

@decorator
@called
def decorated(): return 1; x = 2

decorated()

class Thing:
    """Nothing."""
    x: int = 1

    def method(self):
        """Nothing."""

    @property
    def value(self): return 1

Thing().method(); Thing().value

def generates():
    x = yield 1
    try:
        yield (
            2
        )
    except ValueError:
        yield from [
            3,
        ]

g = generates()
next(g)
next(g)
g.throw(ValueError)
list(g)

async def waits():
    async with Nothing() as x:
        async for y in x:
            await y

class Nothing:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *args):
        pass

    def __aiter__(self):
        return self

    async def __anext__(self):
        raise StopAsyncIteration

try:
    waits().send(None)
except StopIteration:
    pass

def expressions(x):
    x = (1 if x
         else 2)
    x = x and \
        x or 1
    assert x, \
        "message"
    x = [
        1,
        x,
    ]
    del x; x = 1
    global y; y = lambda: (
        x)
    f"{
        x
    }"
    return y() < \
        2 < x

expressions(1)

def nothing(): pass
def ends():
    if True:
        return
    x = 1

nothing(); ends()

def falls(x):
    if x:
        pass

falls(1)
falls(0)

def deletes():
    try:
        1 / 0
    except ZeroDivisionError as e: pass

deletes()
exec("""
x = 1

def f():
    return x
f()
""")
while y:
    y = None
if False:
    x = 1
else: x = 2
raise SystemExit
