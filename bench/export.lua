-- export.lua - a service for bench/export.sh: each byte of its input is a request,
-- for which it calls a thousand functions. SPDX-License-Identifier: MIT
local function add(sum, i)
    return sum + i
end
local function handle()
    local sum = 0
    for i = 1, 1000 do
        sum = add(sum, i)
    end
    return sum
end
io.stdin:setvbuf("no")
handle()
while io.read(1) do
    handle()
end
