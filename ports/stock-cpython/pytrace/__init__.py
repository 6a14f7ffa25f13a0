# SPDX-License-Identifier: MIT
"""The markers of pytrace in a CPython that was built without them.

    import pytrace; pytrace.install()
    python -m pytrace SCRIPT|-m MODULE [ARGUMENT...]

While a tracer is attached, the eight markers of provider python fire in this
process; while none is, nothing is in use.
"""
from ._pytrace import install, is_installed, remove

__all__ = ['install', 'is_installed', 'remove']
