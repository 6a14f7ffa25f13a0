# SPDX-License-Identifier: MIT
"""Collections, imports and audit events, for the interpreter's own markers
beside the module's.
"""
import gc
import importlib
import sys

import pytrace

pytrace.install()
sys.audit('case.begin')
gc.collect()
gc.collect(0)
cycles = [[] for _ in range(50)]
for cycle in cycles:
    cycle.append(cycle)
del cycle, cycles
gc.collect()
for name in 'colorsys', 'no_such_module', 'colorsys', 'xml.dom':
    try:
        __import__(name)
    except ImportError:
        pass
importlib.import_module('sched')
from xml.dom import minidom
open('/dev/null').close()
compile('1', '', 'eval')
sys.audit('case.something', 1, 2)
sys.audit('case.end')
