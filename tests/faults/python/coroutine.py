# SPDX-License-Identifier: MIT
"""Tasks that take turns. One of them does not hand over for a long time."""


class Turn:
    def __await__(self):
        yield


async def polite():
    for i in range(200):
        await Turn()


async def greedy():
    total = 0
    for i in range(200):
        for j in range(20000):
            total += j
        await Turn()


tasks = [polite(), greedy(), polite()]
while tasks:
    for task in list(tasks):
        try:
            task.send(None)
        except StopIteration:
            tasks.remove(task)
