# SPDX-License-Identifier: MIT
# Each interpreter installs the module for itself; the line numbers stay.
s/^source = """$/&import pytrace; pytrace.install()/
