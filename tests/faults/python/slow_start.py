# SPDX-License-Identifier: MIT
"""A program that starts slowly, by one of the modules that it loads."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "modules"))
import settings
import routes

print("ready")
