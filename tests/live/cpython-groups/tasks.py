# Tasks of asyncio: entered at each step, and left.
import asyncio


async def step(name):
    await asyncio.sleep(0)
    print(name)


async def fails():
    raise ValueError


async def main():
    first = asyncio.create_task(step("first"), name="first")
    second = asyncio.create_task(step("second"), name="zw\u00f6lf")
    await first
    await second
    try:
        await asyncio.create_task(fails(), name="fails")
    except ValueError:
        pass
    # An eager one runs at once, within the task that makes it.
    loop = asyncio.get_running_loop()
    loop.set_task_factory(asyncio.eager_task_factory)
    eager = asyncio.create_task(step("eager"), name="eager")
    loop.set_task_factory(None)
    await eager


asyncio.run(main())
