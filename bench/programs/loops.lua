-- Loops with integers and branches that call nothing: N rounds.
local n, sum, odd = tonumber((...)), 0, 0
for i = 1, n do
    local j = i
    while j > 0 do
        if j & 1 == 1 then odd = odd + 1 end
        j = j >> 3
    end
    sum = (sum * 31 + odd) % 65521
end
print(sum, odd)
