# SPDX-License-Identifier: MIT
"""A loop that the JIT has compiled, into which a tracer comes: when it has, and
the module is on, it calls after() a thousand times.
"""
import sys

import _opcode
import pytrace


def is_on():
    return any(sys.monitoring.get_tool(n) == 'pytrace' for n in range(6))


def before(x):
    return x


def after(x):
    return x


def loop(function, rounds):
    for i in range(rounds):
        function(i)


def is_compiled(code):
    for offset in range(0, len(code.co_code), 2):
        try:
            _opcode.get_executor(code=code, offset=offset)
            return True
        except (ValueError, RuntimeError):
            pass
    return False


pytrace.install()
loop(before, 100000)
if not sys._jit.is_enabled() or not is_compiled(loop.__code__):
    sys.exit('no JIT')
print('compiled', flush=True)
while not is_on():
    loop(before, 1000)
loop(after, 1000)
print('compiled' if is_compiled(loop.__code__) else 'not compiled')
