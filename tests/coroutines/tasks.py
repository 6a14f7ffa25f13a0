# SPDX-License-Identifier: MIT
"""Five tasks of asyncio that run in turns; each awaits three others."""
import asyncio


def work(number):
    return sum(range(number))


async def fetch(number):
    await asyncio.sleep(0)
    return work(number)


async def handler(number):
    total = 0
    for i in range(3):
        total += await fetch(number)
    return total


async def main():
    await asyncio.gather(*[handler(1000 * i) for i in range(5)])


asyncio.run(main())
