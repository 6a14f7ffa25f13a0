# Traced by nesting.bt.
# Each thread's entries and returns nest, also where threads take turns often.
import _interpreters
import concurrent.futures
import queue
import sys
import threading

sys.setswitchinterval(0.00001)

def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

def numbers(n):
    for i in range(n):
        yield i

def fails(n):
    if n:
        fails(n - 1)
    raise ValueError

def work(lock):
    for i in range(20):
        fibonacci(8)
        sum(numbers(20))
        try:
            fails(5)
        except ValueError:
            pass
        with lock:
            sorted([3, 2, 1], key=lambda x: x)

lock = threading.Lock()
threads = [threading.Thread(target=work, args=[lock]) for i in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

# A generator that goes on in another thread.
generator = numbers(3)
next(generator)
thread = threading.Thread(target=next, args=[generator])
thread.start()
thread.join()

with concurrent.futures.ThreadPoolExecutor(4) as pool:
    print(sum(pool.map(fibonacci, range(10))))

results = queue.Queue()
local = threading.local()

def produce():
    local.x = 1
    for x in numbers(10):
        results.put(x)

thread = threading.Thread(target=produce)
thread.start()
print([results.get() for i in range(10)])
thread.join()

# Interpreters that have a GIL each.
source = """
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

fibonacci(12)
"""

def interpret():
    interpreter = _interpreters.create("isolated")
    _interpreters.exec(
        interpreter, f"exec(compile({source!r}, '<stdin>', 'exec'))")
    _interpreters.destroy(interpreter)

threads = [threading.Thread(target=interpret) for i in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
