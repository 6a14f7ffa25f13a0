-- Tables made, filled, grown, changed and read: N rounds.
local n, sum = tonumber((...)), 0
for i = 1, n do
    local point = {x = i, y = i + 1}
    local list = {}
    for j = 1, 8 do list[j] = point.x * j end
    point.z = list[3] + list[#list]
    for j, value in ipairs(list) do sum = sum + j * value end
    for _, value in pairs(point) do sum = sum + value end
    sum = sum % 65521
end
print(sum)
