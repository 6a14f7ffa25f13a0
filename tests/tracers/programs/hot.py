# Calls hot() the most, until there is a file "stop".
import os
import time


def hot():
    pass


def cold():
    pass


while not os.path.exists("stop"):
    for _ in range(1000):
        hot()
        hot()
        cold()
    time.sleep(0.05)
