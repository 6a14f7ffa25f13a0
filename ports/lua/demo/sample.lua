-- The demo's program: what a tracer of an interpreter ought to show right.
-- Calls, recursion, a method, a tail call, a caught error, a coroutine, two
-- imports (one fails), a finalizer, collections of both kinds, and events
-- for an auditor.
package.path = (arg[0]:match("^.*/") or "./") .. "?.lua"

local inventory = require("inventory")
pcall(require, "no_such_module")

function factorial(n)
    if n == 0 then return 1 end
    return n * factorial(n - 1)
end

function relay(n)
    return factorial(n)
end

local function careless()
    error("out of stock")
end

function producer()
    for i = 1, 2 do
        coroutine.yield(i)
    end
end

function start()
    relay(3)
    local store = inventory.new()
    store:add("nut", 3)
    pcall(store.check, store, careless)
    for item in coroutine.wrap(producer) do
        store:add("bolt", item)
    end
end

start()

setmetatable({}, {__gc = function() io.open("/dev/null"):close() end})
collectgarbage()
collectgarbage("generational")
for i = 1, 400 do local garbage = {i} end

load("return 1")()
os.remove("/nonexistent/file")
