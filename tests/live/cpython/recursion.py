# Traced by nesting.bt.
# To the limit and back, through the interpreter and through C.
import functools

def down(n):
    return down(n + 1)

def through_c(n):
    return functools.partial(through_c, n + 1)()

def through_sort(n):
    return sorted([1], key=through_sort)

def generator(n):
    yield from generator(n + 1)

def inside(n):
    for x in inside(n + 1):
        yield x

class Thing:
    def __init__(self):
        self.inner = Thing()

    def __getattr__(self, name):
        return self.missing

    def __repr__(self):
        return f"{self!r}"

    def __eq__(self, other):
        return self == other

    @property
    def value(self):
        return self.value

    def __getitem__(self, i):
        return self[i]

def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

def caught(n):
    try:
        caught(n + 1)
    except RecursionError:
        return sorted([n], key=lambda x: -x)

thing = object.__new__(Thing)
for deep in (
    lambda: down(0), lambda: through_c(0), lambda: through_sort(0),
    lambda: list(generator(0)), lambda: list(inside(0)), lambda: Thing(),
    lambda: thing.missing, lambda: repr(thing), lambda: thing == thing,
    lambda: thing.value, lambda: thing[0], lambda: caught(0),
):
    for i in range(3):      # the second time as specialised
        try:
            deep()
        except RecursionError as e:
            message = str(e)
    print(message)

print(fibonacci(15))
