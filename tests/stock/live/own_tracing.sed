# SPDX-License-Identifier: MIT
# sys.monitoring has other instructions while it is in use.
s/name != "NO_EVENTS"/name not in ("NO_EVENTS", "INSTRUCTION", "C_RETURN")/
s/ | events\.INSTRUCTION / /
