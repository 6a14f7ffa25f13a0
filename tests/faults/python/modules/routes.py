# SPDX-License-Identifier: MIT
import tables

routes = [tables.squares[3]]
