# SPDX-License-Identifier: MIT
port = 80
