# A yield returns, a resume enters; at the line of the yield.
import itertools

def count(n):
    for i in range(n):
        yield i
    return "end"

for i in count(2):
    pass

g = count(2)
next(g)
g.send(None)
next(g, None)
next(g, None)               # ended before: nothing runs

list(count(1))
sum(count(1))
dict(zip(count(1), count(1)))
[*itertools.islice(count(5), 2)]
a, b = count(2)
1 in count(5)

def delegates():
    result = yield from count(1)
    yield result
    yield from [1]

list(delegates())

def cleans():
    try:
        yield 1
    except ValueError:
        yield 2
    finally:
        last = True

g = cleans()
next(g)
g.throw(ValueError)
next(g, None)

g = cleans()
next(g)
try:
    g.throw(KeyError)
except KeyError:
    pass

g = cleans()
next(g)
g.close()

g = cleans()
next(g)
del g                       # unfinished, collected

g = cleans()
try:
    g.throw(ValueError)     # not begun
except ValueError:
    pass
cleans().close()
cleans()

g = delegates()
next(g)
try:
    g.throw(ValueError)     # through the one to the other
except ValueError:
    pass

g = delegates()
next(g)
g.close()

def ignores():
    while True:
        try:
            yield
        except GeneratorExit:
            pass
        else:
            return

g = ignores()
next(g)
try:
    g.close()
except RuntimeError:
    pass
next(g, None)

def fails():
    yield
    1 / 0

def outer():
    yield from fails()

try:
    list(outer())
except ZeroDivisionError:
    pass

def stops():
    yield next(iter(()))

try:
    next(stops())
except RuntimeError:
    pass

def itself():
    try:
        next(me)            # it runs already
    except ValueError:
        yield

me = itself()
next(me)
next(me, None)

squares = (x * x for x in count(2) if x)
list(squares)
