local function count(n)
    local sum = 0
    for i = 1, n do
        sum = sum + i
    end
    return sum
end

for i = 1, 5 do
    count(10)
end
