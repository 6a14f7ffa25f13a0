-- mixed.lua - a program with something of everything, for the slow-down under
-- a tracer: calls, methods, closures, loops, strings, tables, coroutines,
-- errors, imports, collections and audited events.
--
--   lua mixed.lua ROUNDS
--
-- Prints the processor time that the rounds took, in seconds.

local rounds = tonumber(arg[1])

local function fib(n)
    if n < 2 then return n end
    return fib(n - 1) + fib(n - 2)
end

local account = {}
account.__index = account

function account:add(amount)
    self.balance = self.balance + amount
end

local function counter()
    local n = 0
    return function()
        n = n + 1
        return n
    end
end

local function numbers(n)
    return coroutine.wrap(function()
        for i = 1, n do
            coroutine.yield(i)
        end
    end)
end

package.preload.part = function()
    return {}
end

local function round()
    fib(12)
    local a, next_number = setmetatable({balance = 0}, account), counter()
    for i = 1, 100 do
        a:add(next_number())
    end
    local sum = 0.0
    for i = 1, 3000 do
        sum = sum + i * 0.5
    end
    local words = {}
    for i = 1, 200 do
        words[i] = ("%d:%s"):format(i, "word")
    end
    table.sort(words)
    table.concat(words, ",")
    for i in numbers(30) do
        sum = sum + i
    end
    for i = 1, 10 do
        pcall(error, "mended")
    end
    package.loaded.part = nil
    require("part")
    load("return 1")
end

local start = os.clock()
for i = 1, rounds do
    round()
end
print(os.clock() - start)
