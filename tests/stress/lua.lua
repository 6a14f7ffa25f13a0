-- A program for the stress tests: rounds of everything that has markers in it,
-- each of which must have the result of the first one.
--
--   lua lua.lua [ROUNDS]
--
-- Without ROUNDS, runs until the file "stop" is there. Prints the result, and
-- whether it stayed the same; what is printed does not depend on the number of
-- rounds.

package.path = "./?.lua"
local limit = tonumber(arg[1]) or math.huge

local function fib(n)
    if n < 2 then return n end
    return fib(n - 1) + fib(n - 2)
end

local function even(n) if n == 0 then return true end return odd(n - 1) end
function odd(n) if n == 0 then return false end return even(n - 1) end

local function generate(n)
    return coroutine.wrap(function()
        for i = 1, n do
            coroutine.yield(i)
            if i % 7 == 0 then pcall(coroutine.yield, -i) end
        end
    end)
end

local account = setmetatable({}, {
    __index = function(_, key) return #key end,
    __add = function(n) return n + 1 end,
    __close = function() collectgarbage("step") end,
})

local function fail(depth)
    local closed <close> = account
    if depth == 0 then error({ depth = depth }) end
    fail(depth - 1)
end

local function round(number)
    local sum, text = fib(11), {}
    sum = sum + (even(20) and 1 or 0)
    for value in generate(30) do sum = sum + value end
    for i = 1, 10 do
        local good, problem = pcall(fail, i)
        sum = sum + problem.depth + (good and 1 or 0)
    end
    local dropped = coroutine.wrap(function() fail(5) end)
    sum = sum + (pcall(dropped) and 1 or 0) + account + account.names
    local words = { "delta", "alpha", "charlie", "bravo" }
    table.sort(words, function(a, b) return a < b end)
    for i, word in ipairs(words) do
        text[i] = word:gsub("%a", function(c) return c:upper() end)
    end
    package.loaded.module = nil
    sum = sum + require("module")(number)
    if number % 10 == 0 then collectgarbage() end
    return sum .. table.concat(text, ",")
end

local number, first, result = 0
repeat
    number = number + 1
    result = round(number)
    first = first or result
    local stop = number >= limit
    if limit == math.huge then
        local file = io.open("stop")
        stop = file ~= nil
        if file then file:close() end
    end
until stop or result ~= first
print(first, result == first and "always" or "then " .. result)
