# What runs at the end of the program, after its last line.
import atexit
import sys
import threading

@atexit.register
def at_exit():
    def inner(): pass
    inner()

@atexit.register
def fails_at_exit():
    raise ValueError

sys.unraisablehook = lambda unraisable: print(unraisable.exc_value)

class Thing:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print(self.name)

thing = Thing("global")
cycle = Thing("cycle")
cycle.itself = cycle

def numbers():
    try:
        yield 1
    finally:
        last = True

unfinished = numbers()
next(unfinished)

def runs_on(main):
    main.join()
    Thing("thread")

threading.Thread(target=runs_on, args=[threading.main_thread()]).start()

def exits():
    sys.exit(3)

exits()
