# SPDX-License-Identifier: MIT
"""The markers of pytrace in a CPython that was built without them.

    import pytrace; pytrace.install()
    python -m pytrace SCRIPT|-m MODULE [ARGUMENT...]

While a tracer is attached, the eight markers of provider python fire in this
process; while none is, nothing is in use.
"""
import sys

if sys.version_info < (3, 12):
    raise ImportError('pytrace needs CPython 3.12 or newer')
try:
    from ._pytrace import install, is_installed, remove
except ModuleNotFoundError as error:
    kind = 'without' if 'free-threading' in sys.version else 'with'
    raise ImportError(f'pytrace was not built for a CPython {kind} the GIL: '
                      'build it by this one') from error

__all__ = ['install', 'is_installed', 'remove']
