# Traced by counts.bt.
# Deeper than the stack of C would be: the limits are those of an untraced
# program.
import functools
import sys
import threading

def down(n):
    return n and down(n - 1)

def through_c(n):
    return functools.partial(through_c, n + 1)()

class Thing:
    def __repr__(self):
        return repr(self)

    def __eq__(self, other):
        return [self] == [Thing()]

    def __getattr__(self, name):
        return getattr(self, name)

def run():
    try:
        print(down(90000))
    except RecursionError as e:
        print(e)
    for function in (
        lambda: through_c(0), lambda: repr(Thing()), lambda: Thing() == Thing(),
        lambda: Thing().missing, lambda: Thing().__reduce_ex__(4),
    ):
        try:
            function()
        except RecursionError as e:
            print(e)

def run_in_thread(megabytes):
    threading.stack_size(megabytes * 1024 * 1024)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()

run_in_thread(2)
sys.setrecursionlimit(100000)
run()
run_in_thread(8)
