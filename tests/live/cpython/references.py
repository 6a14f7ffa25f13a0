# Traced by everything.bt.
# The markers keep nothing of what they show.
import gc
import sys

def named(name):
    code = (lambda: None).__code__
    return type(named)(code.replace(co_name=name), {})

def numbers():
    yield 1
    yield 2

def fails():
    raise ValueError

class Thing:
    def __init__(self):
        self.itself = self

    def __getitem__(self, i):
        return i

def work():
    short.__call__()
    odd()
    for x in numbers():
        break
    sum(numbers())
    try:
        fails()
    except ValueError:
        pass
    Thing()[0]
    for missing in "missing_module", "mi\u00dfing", "\udcff":
        try:
            __import__(missing)
        except ImportError:
            pass
    sys.audit("k\u00e4se", 1)
    exec(source)            # new code each time
    gc.collect()

source = "def f(x):\n  for i in range(2): x += i\nf(1)"
short, odd = named("".join(["sh", "ort"])), named("\udcff" * 100)
objects = [short, odd, work, fails, numbers, Thing, Thing.__init__]
objects += [f.__code__ for f in objects if hasattr(f, "__code__")]
objects += [f.co_name for f in objects if hasattr(f, "co_name")]
objects += [f.co_filename for f in objects if hasattr(f, "co_filename")]

def rounds(n):
    for i in range(n):
        work()
    return sys.getallocatedblocks(), [sys.getrefcount(x) for x in objects]

rounds(20)
blocks, counts = rounds(1)
later, counts_later = rounds(100)
print("the same" if counts == counts_later else (counts, counts_later))
print("the same" if later - blocks < 50 else later - blocks)
sizes = [sys.getsizeof(x) for x in objects]
work()
print(sizes == [sys.getsizeof(x) for x in objects])
