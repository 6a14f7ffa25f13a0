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
# (Such a build does not find the module either, and would not say why.)
if 'free-threading' in sys.version:
    raise ImportError('this build of pytrace is for CPython with the GIL')

from ._pytrace import install, is_installed, remove

__all__ = ['install', 'is_installed', 'remove']
