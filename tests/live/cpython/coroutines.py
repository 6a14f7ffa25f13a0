# An await that waits returns from every coroutine, a resume enters them.
import asyncio

class Waits:
    def __await__(self):
        return (yield "waiting")

async def inner(x):
    await Waits()
    return x

async def outer():
    x = await inner(1)
    x = await inner(x)
    return x

def run(coroutine):
    try:
        while True:
            coroutine.send(None)
    except StopIteration as end:
        return end.value

run(outer())

coroutine = outer()
coroutine.send(None)
try:
    coroutine.throw(ValueError)
except ValueError:
    pass

coroutine = outer()
coroutine.send(None)
coroutine.close()
outer().close()

class Manager:
    async def __aenter__(self):
        await Waits()

    async def __aexit__(self, *args):
        await Waits()
        return True

class Numbers:
    def __init__(self):
        self.n = 0

    def __aiter__(self):
        return self

    async def __anext__(self):
        self.n += 1
        if self.n == 2:
            raise StopAsyncIteration
        return self.n

async def with_and_for():
    async with Manager():
        async for n in Numbers():
            raise ValueError
    return [n async for n in Numbers()]

run(with_and_for())

async def generates():
    try:
        yield 1
        await Waits()
        yield 2
    finally:
        last = True

async def consumes():
    async for x in generates():
        pass
    g = generates()
    await g.asend(None)
    try:
        await g.athrow(KeyError)
    except KeyError:
        pass
    g = generates()
    await anext(g)
    await g.aclose()
    return [x async for x in (y async for y in generates())]

run(consumes())

async def sleeps(n):
    try:
        await asyncio.sleep(0)
        await asyncio.sleep(n)
    except asyncio.CancelledError:
        raise

async def main():
    task = asyncio.create_task(sleeps(1000))
    await asyncio.gather(sleeps(0), sleeps(0))
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
    async with asyncio.TaskGroup() as group:
        group.create_task(sleeps(0))
    g = generates()
    async for x in g:
        break               # the loop closes what is left
    return "done"

print(asyncio.run(main()))

async def never_awaited():
    pass

never_awaited()
