# SPDX-License-Identifier: MIT
"""A program that opens a file that it should not."""


def read_settings(name):
    try:
        with open(name) as file:
            file.read(1)
    except OSError:
        pass


def report():
    read_settings("/etc/shadow")


read_settings(__file__)
report()
