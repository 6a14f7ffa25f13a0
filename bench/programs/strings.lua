-- Strings made, joined, searched and replaced: N rounds.
local n, sum = tonumber((...)), 0
for i = 1, n do
    local key = "key" .. i % 100 .. "=value" .. i % 7
    local name, value = key:match("^(%w+)=(%w+)$")
    local text = (name .. ":" .. value):upper():gsub("%d", "<%0>")
    sum = (sum + #text * text:byte(-1) + (text:find("VALUE", 1, true) or 0))
        % 65521
end
print(sum)
