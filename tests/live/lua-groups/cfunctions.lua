-- C functions: they and Lua's own nest, whatever ends them.

local function compare(a, b)
    return a < b
end
local list = {2, 1}
table.sort(list, compare)               -- calls back
local text = tostring(#list)
local length = ("x"):rep(3)             -- a method
assert(length == "xxx")

-- A tail call of one.
local function tail()
    return math.max(1, 2)
end
tail()

-- An error ends one, and those between it and its handler.
pcall(string.rep)
pcall(function()
    table.sort(list, function() error("in a comparison") end)
end)

-- A coroutine that yields leaves yield() and those around it, and enters them
-- again.
local thread = coroutine.wrap(function()
    pcall(function()
        coroutine.yield()
    end)
end)
thread()
thread()

-- An iterator.
for _ in pairs({1}) do
end
