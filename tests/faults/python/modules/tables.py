# SPDX-License-Identifier: MIT
squares = [i * i for i in range(2000000)]
