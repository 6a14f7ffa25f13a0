-- SPDX-License-Identifier: MIT
-- Thousands of calls a second of processor time, for 2 seconds.
local function inner() end
local function outer() inner() end
local calls, start, now = 0, os.clock(), nil
repeat
    for _ = 1, 10000 do outer() end
    calls = calls + 20
    now = os.clock()
until now - start > 2
print(string.format("%.0f", calls / (now - start)))
