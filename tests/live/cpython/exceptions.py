# An exception returns from every function that it leaves.
import contextlib
import functools

def fails():
    raise ValueError

def passes():
    fails()

def through_c():
    functools.reduce(lambda x, y: fails(), [1, 2])

def with_finally():
    try:
        passes()
    finally:
        last = True

def with_except():
    try:
        with_finally()
    except KeyError:
        pass

def catches(f):
    try:
        f()
    except ValueError as e:
        return e

catches(with_except)
catches(through_c)
catches(lambda: sorted([1, 2], key=lambda x: fails()))

class Manager:
    def __enter__(self):
        return self

    def __exit__(self, *args):
        return args[0] is KeyError

def with_manager(exception):
    with Manager():
        raise exception

with_manager(KeyError)
catches(lambda: with_manager(ValueError))

@contextlib.contextmanager
def manager():
    try:
        yield
    except ValueError:
        pass

with manager():
    fails()

def reraises():
    try:
        fails()
    except ValueError:
        raise

def chains():
    try:
        fails()
    except ValueError as e:
        raise ValueError from e

def returns_in_finally():
    try:
        fails()
    finally:
        return 1

catches(reraises)
catches(chains)
returns_in_finally()

def groups():
    try:
        raise ExceptionGroup("", [ValueError(), KeyError()])
    except* ValueError:
        passes_not = True
    except* KeyError:
        fails()

try:
    groups()
except* ValueError:
    pass

class Thing:
    def __init__(self):
        fails()

    @property
    def value(self):
        fails()

    def __getitem__(self, i):
        fails()

    def __getattr__(self, name):
        raise AttributeError

    def __eq__(self, other):
        fails()

for i in range(20):         # also as specialised
    catches(Thing)
thing = object.__new__(Thing)
for i in range(3):
    catches(lambda: thing[0])
    catches(lambda: thing.value)
    catches(lambda: thing == thing)
hasattr(thing, "missing")

def wrong(x):
    pass

try:
    wrong()                 # does not begin
except TypeError:
    pass

class Broken(fails and object):
    def method(self): pass
    try:
        fails()
    except ValueError:
        pass

def undefined():
    catches(lambda: None)
    missing

try:
    undefined()
except NameError:
    pass

try:
    exec("fails()\n")
except ValueError:
    pass

fails()
