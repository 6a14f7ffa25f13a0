# SPDX-License-Identifier: MIT
# "python -m pytrace" has five frames below the program.
s/^import functools$/import functools, sys; sys.setrecursionlimit(1005)/
