-- Errors: in each of N rounds a call that fails three calls deep, one that
-- does not, and one whose error the interpreter raises.
local n, failed, sum = tonumber((...)), 0, 0

local function inner(i)
    if i % 2 == 1 then error({code = i % 10}) end
    return i
end
local function middle(i) return (inner(i)) end
local function outer(i) return (middle(i)) end

for i = 1, n do
    for j = 1, 2 do
        local ok, result = pcall(outer, i + j)
        if ok then sum = sum + result
        else failed = failed + result.code end
    end
    local ok, message = pcall(function() return i + nil end)
    if not ok then sum = sum + #message:match("attempt.*") end
end
print(sum, failed)
