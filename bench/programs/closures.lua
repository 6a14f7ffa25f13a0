-- Closures: in each of N rounds one is made and called twice.
local n, sum = tonumber((...)), 0

local function counter(start)
    local count = start
    return function(step)
        count = count + step
        return count
    end
end

for i = 1, n do
    local count = counter(i)
    count(1)
    sum = sum + count(2)
end
print(sum)
