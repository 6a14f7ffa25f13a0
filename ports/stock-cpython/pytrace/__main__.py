# SPDX-License-Identifier: MIT
"""Run a program whose markers fire: python -m pytrace SCRIPT|-m MODULE ..."""
import io
import runpy
import sys
from types import ModuleType

from . import _pytrace

USAGE = 'usage: python -m pytrace SCRIPT|-|-m MODULE [ARGUMENT...]'


def program_of(path):
    """The code of a script; of standard input, when the path is "-"."""
    if path == '-':
        return compile(sys.stdin.buffer.read(), '<stdin>', 'exec')
    with io.open_code(path) as file:
        return compile(file.read(), path, 'exec')


def main_module(path):
    """A __main__ as the interpreter makes it for a script."""
    module = ModuleType('__main__')
    module.__builtins__ = __builtins__
    if path != '-':
        module.__file__ = path
    module.__dict__.setdefault('__annotations__', {})
    sys.modules['__main__'] = module
    return module.__dict__


def start():
    _pytrace.install()
    _pytrace._await_recorder()


def run(program, namespace):
    """Execute it; an error is shown without the frames of this file."""
    try:
        exec(program, namespace)
    except Exception as error:
        error.__traceback__ = error.__traceback__.tb_next
        sys.excepthook(type(error), error, error.__traceback__)
        return 1
    return 0


def main():
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ('-h', '--help'):
        print(USAGE, file=sys.stdout if arguments else sys.stderr)
        return 0 if arguments else 2
    if arguments[0] == '-m':
        if len(arguments) < 2:
            print(USAGE, file=sys.stderr)
            return 2
        sys.argv = arguments[1:]
        start()
        runpy.run_module(arguments[1], run_name='__main__', alter_sys=True)
        return 0
    path = arguments[0]
    sys.argv = arguments
    # (With -I and the like, sys.path has no first entry for the script.)
    if not sys.flags.safe_path:
        import os
        sys.path[0] = '' if path == '-' else os.path.dirname(
            os.path.realpath(path))
    try:
        program = program_of(path)
    except OSError as error:
        print(f'python -m pytrace: {path}: {error.strerror}', file=sys.stderr)
        return 2
    namespace = main_module(path)
    start()
    return run(program, namespace)


if __name__ == '__main__':
    sys.exit(main())
