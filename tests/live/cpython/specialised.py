# Traced by nesting.bt.
# What the interpreter makes quick when it has run often enough.
import dis

class Thing:
    def __init__(self, x):
        self.x = x

    @property
    def value(self):
        return self.x

    def __getitem__(self, i):
        return i

    def method(self, x):
        return x

class Asked:
    def __getattribute__(self, name):
        return name

def plain(x):
    return x

def defaults(x, y=1):
    return x

def numbers(n):
    for i in range(n):
        yield i

def delegates(n):
    yield from numbers(n)

def loop(n):
    thing, asked = Thing(1), Asked()
    bound = thing.method
    for i in range(n):
        plain(i)
        defaults(i)
        thing.method(i)
        bound(i)
        Thing(i)
        thing[i]
        thing.value
        asked.missing
        plain(*[i])
        defaults(x=i)
        len(sorted([i], key=plain))

def iterate(n):
    for x in numbers(n):
        pass
    for x in delegates(n):
        pass

def quickened(function):
    return {instruction.opname for instruction in
            dis.get_instructions(function, adaptive=True)}

loop(100)
for i in range(10):
    iterate(100)

# Where one of them is not there, nothing more is traced.
missing = {
    "CALL_PY_EXACT_ARGS", "CALL_PY_GENERAL", "CALL_BOUND_METHOD_EXACT_ARGS",
    "CALL_ALLOC_AND_ENTER_INIT", "BINARY_SUBSCR_GETITEM", "LOAD_ATTR_PROPERTY",
    "LOAD_ATTR_GETATTRIBUTE_OVERRIDDEN", "CALL_KW", "CALL_FUNCTION_EX",
    "FOR_ITER_GEN", "SEND_GEN",
} - quickened(loop) - quickened(iterate) - quickened(delegates)
print(missing)
assert not missing

loop(900)
for i in range(10):
    iterate(900)
