# Calls that the interpreter makes itself, and calls from C.
import functools

def add(x, y=0):
    return x + y

def three():
    return add(1) + add(2,
                        y=3)

def unpacked(*args, **kwargs):
    return add(*args, **kwargs)

three()
unpacked(1, y=2)
(lambda: None)()

sorted([1], key=lambda x: -x)
list(map(add, [1]))
functools.reduce(add, [1, 2])
functools.partial(add, 1)(2)

def decorator(f):
    return functools.wraps(f)(lambda *args: f(*args))

@decorator
def decorated():
    pass

decorated()

class Meta(type):
    def __call__(cls, *args):
        return super().__call__(*args)

class Thing(metaclass=Meta):
    size = 1

    def __new__(cls, size):
        return super().__new__(cls)

    def __init__(self, size):
        self.size = size

    @property
    def double(self):
        return 2 * self.size

    @classmethod
    def make(cls):
        return cls(3)

    def __getattr__(self, name):
        raise AttributeError(name)

    def __getitem__(self, i):
        return i

    def __setitem__(self, i, value): pass
    def __len__(self): return 1
    def __add__(self, other): return self
    def __eq__(self, other): return True
    def __lt__(self, other): return True
    def __hash__(self): return 1
    def __str__(self): return "thing"
    def __call__(self): pass
    def __contains__(self, x): return False

thing = Thing.make()
thing.double
getattr(thing, "missing", None)
thing[0]
thing[0] = 1
len(thing)
thing + thing
thing == thing
sorted([thing, thing])
{thing: 1}
print(thing, f"{thing}")
thing()
1 in thing

exec("def inner(): pass\ninner()", {})
eval("add(1)")
exec(compile("add(4)", "<stdin>", "exec"))
[add(x) for x in [1]]
{x: y for x in [1] for y in [add(x)]}
list(add(x) for x in [1])
