# SPDX-License-Identifier: MIT
# A trace function that fails at a line comes before the module.
/^> inner 75$/{
N
N
s/\n  inner 76\n< inner 76$/\
< inner 76/
}
