# SPDX-License-Identifier: MIT
"""One binary for the limited API of 3.12 and every later version; a build
without the GIL takes one of its own."""
import sysconfig

from setuptools import Extension, setup

limited = not sysconfig.get_config_var('Py_GIL_DISABLED')

setup(
    packages=['pytrace'],
    package_data={'pytrace': ['*.pyi', 'py.typed']},
    ext_modules=[Extension(
        'pytrace._pytrace',
        ['audit_text.c', 'frames.c', 'hooks.c', 'install.c', 'monitoring.c',
         'semaphores.c', 'text.c', 'pytrace_probes.c'],
        depends=['pytrace_probes.h', 'watch.h'], include_dirs=['.'],
        extra_compile_args=['-std=gnu11'], py_limited_api=limited)],
    options={'bdist_wheel': {'py_limited_api': 'cp312'}} if limited else {},
)
