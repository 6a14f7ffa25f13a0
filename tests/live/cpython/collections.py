# Each cycle starts and is done, with what it found.
import gc
import sys
import weakref

class Thing:
    pass

def garbage(n):
    for i in range(n):
        thing = Thing()
        thing.itself = thing

gc.disable()
gc.collect()

sys.audit("case")           # explicit ones
garbage(10)
print(gc.collect())
garbage(3)
print(gc.collect(0))
garbage(4)
print(gc.collect(1))
gc.freeze()
print(gc.collect(2))
gc.unfreeze()

sys.audit("case")           # what cannot be freed
class Revives:
    def __del__(self):
        revived.append(self)

revived = []
thing = Revives()
thing.itself = thing
del thing
print(gc.collect())
revived.clear()
print(gc.collect())

sys.audit("case")           # a finalizer that collects
class Collects:
    def __del__(self):
        gc.collect()

thing = Collects()
thing.itself = thing
del thing
print(gc.collect())

sys.audit("case")           # a callback that fails
def fails(phase, info):
    raise ValueError

sys.unraisablehook = lambda unraisable: None
gc.callbacks.append(fails)
gc.collect(0)
gc.callbacks.clear()

sys.audit("threshold")      # each generation has one at some time
gc.set_threshold(50, 2, 2)
gc.enable()
kept = []
for i in range(100):
    garbage(100)
    kept.extend(Thing() for i in range(1000))
gc.disable()
sys.audit("end")
