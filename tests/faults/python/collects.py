# SPDX-License-Identifier: MIT
"""A program that calls for whole collections, again and again, while it has
many objects."""
import gc

kept = [[i] for i in range(200000)]


def shrink_cache():
    gc.collect()


def serve(number):
    answer = [str(number) + str(i) for i in range(100)]
    if number % 10 == 0:
        shrink_cache()
    return answer


for number in range(200):
    serve(number)
