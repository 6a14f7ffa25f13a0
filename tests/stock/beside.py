# SPDX-License-Identifier: MIT
"""Other tools beside the module, while it is recorded: each says what it says
without it. And what the interpreter can do: fork, threads, interpreters of
their own, execv. Prints a line for each.
"""
import cProfile
import gc
import importlib._bootstrap
import os
import pstats
import sys
import threading
import time
import warnings

monitoring = sys.monitoring
events = monitoring.events


def generate(n):
    for i in range(n):
        yield i


def fails():
    raise ValueError


def work(n):
    total = 0
    for i in generate(n):
        total += i
    try:
        fails()
    except ValueError:
        pass
    return sorted([total, 1], key=lambda value: -value)


def covered():
    """A coverage tool: each line once, and, as coverage.py, starts. (Without
    these, functions of one line are missing from 3.13 on, unless another tool
    wants their starts.)
    """
    lines = []

    def line(code, number):
        lines.append((code.co_name, number))
        return monitoring.DISABLE

    monitoring.use_tool_id(monitoring.COVERAGE_ID, 'coverage')
    monitoring.register_callback(monitoring.COVERAGE_ID, events.LINE, line)
    monitoring.register_callback(
        monitoring.COVERAGE_ID, events.PY_START,
        lambda code, offset: lines.append((code.co_name, 0)))
    monitoring.set_events(monitoring.COVERAGE_ID,
                          events.LINE | events.PY_START)
    work(3)
    monitoring.set_events(monitoring.COVERAGE_ID, 0)
    monitoring.free_tool_id(monitoring.COVERAGE_ID)
    return lines


def monitored():
    """A tool that wants calls, too."""
    seen = []
    wanted = (events.PY_START | events.PY_RETURN | events.PY_YIELD |
              events.PY_RESUME | events.CALL | events.RAISE | events.PY_UNWIND |
              events.JUMP | events.LINE)
    monitoring.use_tool_id(monitoring.DEBUGGER_ID, 'debugger')
    for name in dir(events):
        number = getattr(events, name)
        if name.isupper() and number & wanted:
            monitoring.register_callback(
                monitoring.DEBUGGER_ID, number,
                lambda code, *rest, name=name: seen.append(
                    (name, code.co_name, rest[0])))
    monitoring.set_events(monitoring.DEBUGGER_ID, wanted)
    work(3)
    monitoring.set_events(monitoring.DEBUGGER_ID, 0)
    monitoring.free_tool_id(monitoring.DEBUGGER_ID)
    return seen


def profiled():
    profile = cProfile.Profile()
    profile.enable()
    work(3)
    profile.disable()
    return sorted((function[2], row[0], row[1]) for function, row
                  in pstats.Stats(profile).stats.items())


def settraced():
    seen = []

    def trace(frame, event, argument):
        seen.append((event, frame.f_code.co_name, frame.f_lineno))
        return trace

    sys.settrace(trace)
    work(3)
    sys.settrace(None)
    return seen


def setprofiled():
    seen = []
    sys.setprofile(lambda frame, event, argument: seen.append(
        (event, frame.f_code.co_name)))
    work(3)
    sys.setprofile(None)
    return seen


def waiting_threads():
    names = []
    for thread in os.listdir('/proc/self/task'):
        with open(f'/proc/self/task/{thread}/comm') as file:
            names.append(file.read().strip())
    return names.count('pytrace')


def until(condition):
    end = time.monotonic() + 30
    while not condition() and time.monotonic() < end:
        time.sleep(0.001)
    return condition()


def say(name, is_so):
    print(name + ':', 'yes' if is_so else 'no', flush=True)


tools = covered, monitored, profiled, settraced, setprofiled
before = [tool() for tool in tools]
find_and_load = importlib._bootstrap._find_and_load

import pytrace
import pytrace._pytrace
pytrace.install()
pytrace.install()
pytrace._pytrace._await_recorder()
numbers = [n for n in range(6) if monitoring.get_tool(n) == 'pytrace']
say('one tool of sys.monitoring is taken', len(numbers) == 1)
for tool, expected in zip(tools, before):
    got = tool()
    say(f'{tool.__name__} as without the module', got == expected)
    if got != expected:
        print(expected, got, sep='\n')

def in_child():
    return 1


def forked():
    child = os.fork()
    if child == 0:
        in_child()
        os._exit(0 if until(lambda: waiting_threads() == 1) else 1)
    return os.waitpid(child, 0)[1]


with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter('always')
    say('fork: the child waits for tracers', forked() == 0)
say('fork: no warning', caught == [])
say('fork: the parent waits again', until(lambda: waiting_threads() == 1))


def in_thread():
    return work(100)


threads = [threading.Thread(target=in_thread) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

import _interpreters
other = _interpreters.create()
failure = _interpreters.run_string(other, '''if True:
    import pytrace
    pytrace.install()
    def in_interpreter():
        return 1
    in_interpreter()
    ''')
say('another interpreter has it, too', failure is None)
_interpreters.destroy(other)

pytrace.remove()
pytrace.remove()
say('removed: not installed', not pytrace.is_installed())
say('removed: no tool of sys.monitoring',
    all(monitoring.get_tool(n) is None for n in range(6)))
say('removed: no callback of the collector', gc.callbacks == [])
say("removed: the import system's own function",
    importlib._bootstrap._find_and_load is find_and_load)
say('removed: no thread', waiting_threads() == 0)

for number in range(6):
    monitoring.use_tool_id(number, f'tool {number}')
pytrace.install()
gc.collect()
say('all tools of sys.monitoring are taken: the rest works',
    len(gc.callbacks) == 1)
monitoring.free_tool_id(3)
say('one is free: it is taken',
    until(lambda: monitoring.get_tool(3) == 'pytrace'))
sys.stdout.flush()
os.execv(sys.executable, [sys.executable, '-c', 'print("execv: yes")'])
