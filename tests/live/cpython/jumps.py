# A frame that sys.settrace() moves to the line of its def runs its first
# instruction again, and does not begin again; a generator that is moved while
# it yields begins, when it goes on, wherever that is.

exec(compile("""
import bdb
import sys

def mover(moves, which="line"):
    moves = list(moves)

    def trace(frame, event, arg):
        line = frame.f_lineno - frame.f_code.co_firstlineno
        show(event, frame.f_code.co_name, line)
        if event == which and moves and moves[0][0] == line:
            frame.f_lineno = frame.f_code.co_firstlineno + moves.pop(0)[1]
        return trace

    return trace

def show(*what):
    print(*what, file=sys.stdout)

def moved(function, *moves, which="line"):
    sys.settrace(mover(moves, which))
    try:
        show("is", function())
    except BaseException as error:
        show(type(error).__name__, error)
    sys.settrace(None)

class Debugger(bdb.Bdb):
    # As pdb's "jump" does it.
    def __init__(self, moves):
        super().__init__()
        self.moves = list(moves)

    def user_line(self, frame):
        line = frame.f_lineno - frame.f_code.co_firstlineno
        if self.moves and self.moves[0][0] == line:
            frame.f_lineno = (frame.f_code.co_firstlineno +
                              self.moves.pop(0)[1])
""", "<tracers>", "exec"))

def inner():
    return 1

def simple():
    x = inner()
    return x

moved(simple, (2, 0))
moved(simple, (2, 0), (1, 0), (2, 0))
Debugger([(2, 0), (2, 0)]).runcall(simple)

def outer():
    simple()
    inner()

moved(outer, (2, 0))

def cell():
    x = 1
    def get(): return x
    return get()

moved(cell, (3, 0))

def fails():
    x = inner()
    raise KeyError(x)

moved(fails, (2, 0))

def loop():
    n = 3
    while n: n -= 1
    return n

moved(loop, (2, 0), (2, 0))

def numbers():
    x = yield 1
    x = yield 2
    x = 3
    yield x

moved(lambda: list(numbers()), (1, 2))
moved(lambda: list(numbers()), (1, 3), which="return")
moved(lambda: list(numbers()), (1, 1), (1, 3), which="return")
moved(lambda: list(numbers()), (1, 2), which="call")

async def wait():
    x = inner()
    return x

async def waits():
    x = await wait()
    x = await wait()
    return x

def drive():
    try:
        waits().send(None)
    except StopIteration as end:
        return end.value

moved(drive, (2, 1))

class C:
    def __init__(self):
        self.x = 1
        self.y = 2

moved(lambda: C().y, (2, 0))

def thrown():
    try:
        yield 1
    except KeyError:
        yield 2
    yield 3

def throws():
    g = thrown()
    next(g)
    g.throw(KeyError)
    return list(g)

moved(throws, (4, 5), which="return")
