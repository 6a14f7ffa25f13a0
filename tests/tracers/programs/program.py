# What the tracers of CPython watch: calls, imports, a collection, and an audit
# event of its own.
import gc
import sys


def leaf():
    pass


def steps():
    leaf()
    yield
    leaf()


def fails():
    raise ValueError


def start(n):
    if n > 0:
        start(n - 1)
        return
    for _ in steps():
        leaf()
    try:
        fails()
    except ValueError:
        pass


def imports():
    for name in "outer", "missing", "broken":
        try:
            __import__(name)
        except (ImportError, ZeroDivisionError):
            pass


def collects():
    gc.collect()
    for _ in range(1000):
        knot = []
        knot.append(knot)
    gc.collect()


gc.disable()
sys.audit("program.begins")
start(1)
imports()
collects()
