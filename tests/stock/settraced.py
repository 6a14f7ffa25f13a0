# SPDX-License-Identifier: MIT
"""What sys.settrace() reports of the program on the standard input, as a live
case's script prints it: settraced.py calls|lines FILE < PROGRAM.
"""
import os
import sys
from types import ModuleType

SIGNS = {'calls': {'call': '> ', 'return': '< '}, 'lines': {'line': ''}}


def tracer(signs, written, write=os.write):
    """Of the whole program, also while the interpreter ends."""
    def trace(frame, event, argument):
        code = frame.f_code
        if code.co_filename == '<stdin>' and event in signs:
            write(written, f'{signs[event]}{code.co_name} '
                           f'{frame.f_lineno or 0}\n'.encode())
        return trace
    return trace


trace = tracer(SIGNS[sys.argv[1]],
               os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_TRUNC))
program = compile(sys.stdin.buffer.read(), '<stdin>', 'exec')
sys.argv = ['-']
main = sys.modules['__main__'] = ModuleType('__main__')
main.__builtins__ = __builtins__
sys.settrace(trace)
exec(program, main.__dict__)
