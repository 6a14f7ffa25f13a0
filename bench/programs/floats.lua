-- Floating-point arithmetic that calls nothing: N points, up to 20 steps each.
local n, sum = tonumber((...)), 0
for i = 1, n do
    local cr, ci = (i % 97) / 48.5 - 1.5, (i % 89) / 44.5 - 1.0
    local r, j, steps = 0.0, 0.0, 0
    while steps < 20 and r * r + j * j < 4.0 do
        r, j = r * r - j * j + cr, 2.0 * r * j + ci
        steps = steps + 1
    end
    sum = sum + steps
end
print(sum)
