# Works each time the file NAME.go comes, and then makes NAME.done; ends when
# the file "stop" does. While it waits it calls nothing in Python.
import gc
import os
import sys


def inner():
    pass


def outer():
    inner()
    inner()


gc.disable()
name = sys.argv[1]
while True:
    os.system(f"until test -e {name}.go -o -e stop; do sleep 0.1; done")
    try:
        os.remove(name + ".go")
    except FileNotFoundError:
        break
    for _ in range(2):
        outer()
        gc.collect()
    os.system(f": > {name}.done")
