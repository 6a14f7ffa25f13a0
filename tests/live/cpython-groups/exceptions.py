# Exceptions: each is thrown once, and caught where a handler takes it.


class Refusal(Exception):
    pass


def raises():
    raise Refusal("by the program")


def passes():
    return raises()


def takes():
    try:
        passes()
    except ValueError:                  # a handler that does not match
        pass


try:
    takes()
except Refusal as refusal:
    kept = refusal

# By its name it is thrown again; by raise alone it goes on.
try:
    raise kept
except Refusal:
    pass
try:
    try:
        raises()
    except Refusal:
        raise
except Refusal:
    pass

# By the interpreter, and by a C function.
try:
    nothing
except NameError:
    pass
try:
    int("x")
except ValueError:
    pass

# C code that clears its own is not seen, nor is the end of an iterator.
hasattr(kept, "nothing")
for _ in iter([1]):
    pass

# A finally lets it pass.
try:
    try:
        {}[1]
    finally:
        kept = None
except KeyError:
    pass


# Into a generator, and out of it.
def generator():
    try:
        yield
    except Refusal:
        yield
    raise LookupError


running = generator()
next(running)
running.throw(Refusal)
try:
    next(running)
except LookupError:
    pass
