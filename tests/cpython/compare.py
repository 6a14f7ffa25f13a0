"""Run programs, and say what sys.settrace() reports of each.

    compare.py [--settrace LENGTH] PROGRAM...

A program is a part of CPython's own tests, as unittest names it without its
"test.": a module or a class. Prints the outcome of each. With --settrace also
the events of this thread, as bpftrace prints the maps of compare.bt: how many,
and hashes of their order. LENGTH is how much of a name bpftrace reads.
"""
from collections import defaultdict
from functools import partial
import gc
import os
import random
import sys
import unittest

kind, file, name = {}, {}, {}
count, sequence, in_function = (defaultdict(int) for _ in range(3))
number = 0


def trace_compared(frame, event, argument):
    # Calls nothing that is written in Python: see compare.bt.
    if event != 'exception':
        code = frame.f_code
        k = kind.setdefault(event, len(kind) + 1)
        f = file.setdefault(code.co_filename[:length], len(file) + 1)
        n = name.setdefault(code.co_name[:length], len(name) + 1)
        line = (frame.f_lineno or 0) * 4 + k
        count[number, k] += 1
        in_function[number, f, n] = (
            in_function[number, f, n] * 31 + line & 0x7fffffffffff)
        sequence[number] = (
            sequence[number] * 31 + (n * 1024 + f) * 0x1000000 + line
            & 0x7fffffffffff)
    return trace_compared


begin = partial(sys.audit, 'compare.begin')
end = partial(sys.audit, 'compare.end')


def run(program, result, trace):
    # One line, and so no event of this function is between begin and end.
    sys.settrace(trace); begin(); program.run(result); end(); sys.settrace(None)


arguments = sys.argv[1:]
sys.argv[1:] = []
trace = None
if arguments[0] == '--settrace':
    trace, length = trace_compared, int(arguments[1])
    del arguments[:2]

# The same imports do the same wherever the interpreter is.
sys.path[:] = os.environ['PYTHONPATH'].split(':')
sys.path_importer_cache.clear()
# When the collector runs depends on what is allocated, also by tracing.
gc.disable()

load = unittest.defaultTestLoader.loadTestsFromName
programs = [load('test.' + argument) for argument in arguments]
for number, program in enumerate(programs, 1):
    random.seed(number)
    result = unittest.TestResult()
    run(program, result, trace)
    print(f'@outcome[{number}]: {result}')

if trace:
    for title in 'count', 'sequence', 'in_function', 'file', 'name':
        for key, value in globals()[title].items():
            print(f'@{title}[{str(key).strip("()")}]: {value}')
