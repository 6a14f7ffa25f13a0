# SPDX-License-Identifier: MIT
"""Say what this process has, once for each line of its standard input.

The main thread looks for a line ten times a second, and runs Python between.
"""
import gc
import os
import select
import signal
import sys
import threading


def kind(name):
    try:
        return os.readlink('/proc/self/fd/' + name).split(':')[0]
    except OSError:
        return 'gone'           # the directory's own


def state():
    tools = [name for name in map(sys.monitoring.get_tool, range(6)) if name]
    events = [sys.monitoring.get_events(number) for number in range(6)
              if sys.monitoring.get_tool(number)]
    with open('/proc/self/maps') as maps:
        files = [line.split(None, 5)[5].strip().split('/')[-1]
                 for line in maps if line.count(' ') > 5]
    return {
        'threads': len(os.listdir('/proc/self/task')),
        'Python threads': threading.active_count(),
        'descriptors': sorted(map(kind, os.listdir('/proc/self/fd'))),
        'files mapped': sorted({name for name in files if name
                                and name[0] != '['}),
        'mappings of the module': sum('_pytrace' in name for name in files),
        'tools': tools + events,
        'gc': [gc.isenabled(), gc.get_threshold(), len(gc.callbacks)],
        'modules': sorted(sys.modules),
        'paths': [sys.path, sys.meta_path and len(sys.meta_path),
                  len(sys.path_hooks)],
        'functions': [str(sys.gettrace()), str(sys.getprofile()),
                      sys.excepthook is sys.__excepthook__,
                      str(sys._getframe().f_trace)],
        'importlib': sys.modules['_frozen_importlib']._find_and_load
        .__class__.__name__,
        'signals': [str(signal.getsignal(number))
                    for number in (signal.SIGINT, signal.SIGUSR1)],
        'mask': sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        'main': sorted(vars(sys.modules['__main__'])),
    }


def obey(line):
    if line == 'state':
        for name, value in state().items():
            print(f'{name}: {value}')
    elif line == 'collect':
        for _ in range(100):
            gc.collect()
            sys.audit('pytrace.test')
        sys.modules.pop('colorsys', None)
        import colorsys
        assert colorsys
    print('done', line, flush=True)


print('ready', flush=True)
while True:
    if select.select([sys.stdin], [], [], 0.1)[0]:
        obey(sys.stdin.readline().strip())
