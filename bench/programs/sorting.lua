-- Sorting by a function that the library calls back: N times 50 numbers.
local n, sum = tonumber((...)), 0
local seed = 42
for _ = 1, n do
    local list = {}
    for i = 1, 50 do
        seed = (seed * 1103515245 + 12345) & 0x7fffffff
        list[i] = seed
    end
    table.sort(list, function(a, b) return a > b end)
    sum = (sum + list[1] - list[50]) % 65521
end
print(sum)
