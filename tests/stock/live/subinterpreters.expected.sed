# SPDX-License-Identifier: MIT
# That frame ran when it was installed.
2,$s/^> <module> 0$//
/^$/d
