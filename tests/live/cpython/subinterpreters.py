# Interpreters in this process: one with its GIL, one with a GIL of its own.
import _interpreters
import threading

source = """
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

class Thing:
    def __del__(self):
        pass

fibonacci(3)
thing = Thing()
missing
"""

def run(kind):
    interpreter = _interpreters.create(kind)
    error = _interpreters.exec(
        interpreter, f"exec(compile({source!r}, '<stdin>', 'exec'))")
    print(error.type.__name__)
    _interpreters.destroy(interpreter)

run("legacy")
thread = threading.Thread(target=run, args=["isolated"])
thread.start()
thread.join()
