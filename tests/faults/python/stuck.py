# SPDX-License-Identifier: MIT
"""A worker that waits for what does not come: it reads from a pipe that is not
written."""
import sys


def fetch(pipe):
    return pipe.readline()


pipe = open(sys.argv[1], "r+b", buffering=0)
print("ready", flush=True)
fetch(pipe)
