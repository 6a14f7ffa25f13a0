-- Calls of a recursive function: N times fib(10), 177 calls each.
local n, sum = tonumber((...)), 0

local function fib(i)
    if i < 2 then return i end
    return fib(i - 1) + fib(i - 2)
end

for _ = 1, n do sum = sum + fib(10) end
print(sum)
