# SPDX-License-Identifier: MIT
# While functions are traced, FOR_ITER_GEN and SEND_GEN are not used; and each
# version has names of its own.
/^print(missing)$/d
/^assert not missing$/d
