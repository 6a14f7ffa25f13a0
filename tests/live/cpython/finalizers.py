# What runs because an object ends, at the next occasion.
import gc
import signal
import weakref

class Thing:
    def __del__(self):
        self.ended = True

def last(reference):
    pass

def drops():
    thing = Thing()

thing = Thing()
del thing
drops()

thing = Thing()
weakref.finalize(thing, lambda: None)
reference = weakref.ref(thing, last)
thing = None

gc.collect()
def collected(phase, info):
    pass

gc.callbacks.append(collected)
cycle = Thing()
cycle.itself = cycle
del cycle
gc.collect()
gc.callbacks.clear()

class Fails:
    def __del__(self):
        raise ValueError

import sys
sys.unraisablehook = lambda unraisable: None
Fails()

def handler(number, frame):
    pass

def interrupted():
    signal.raise_signal(signal.SIGUSR1)

signal.signal(signal.SIGUSR1, handler)
interrupted()
def stops(number, frame):
    raise KeyboardInterrupt

signal.signal(signal.SIGUSR1, stops)
try:
    interrupted()
except KeyboardInterrupt:
    pass
