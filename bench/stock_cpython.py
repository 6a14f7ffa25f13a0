# SPDX-License-Identifier: MIT
"""How long a call of an empty function takes, in the processor's time, with what
is named: nothing, setprofile or cprofile.
"""
import sys
import time

CALLS = 1000000


def empty():
    pass


def loop():
    for _ in range(CALLS):
        empty()


kind = sys.argv[1] if len(sys.argv) > 1 else ''
if kind == 'setprofile':
    sys.setprofile(lambda frame, event, argument: None)
elif kind == 'cprofile':
    import cProfile
    profile = cProfile.Profile()
    profile.enable()
begin = time.thread_time_ns()
loop()
passed = time.thread_time_ns() - begin
sys.setprofile(None)
print(f'ns a call: {passed / CALLS:.0f}')
