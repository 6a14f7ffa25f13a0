# pythonstat traces each process that is called python. Here, of all processes
# it finds those in $ONLY: the others belong to other tests.
import os

entries = os.listdir


def listdir(path="."):
    return os.environ["ONLY"].split() if path == "/proc" else entries(path)


os.listdir = listdir
