-- Coroutines: one that is resumed N times, and a new one for every tenth.
local n, sum = tonumber((...)), 0

local function generate(from, to)
    for i = from, to do coroutine.yield(i) end
    return 0
end

local long = coroutine.wrap(generate)
sum = sum + long(1, n)
for i = 2, n do
    sum = sum + long()
    if i % 10 == 0 then
        for value in coroutine.wrap(function() generate(i, i + 2) end) do
            sum = sum + value
        end
    end
end
print(sum)
