-- Coroutines: each run of one is an enter and a leave around what it runs.

local function yields(value)
    return coroutine.yield(value)
end
local inner = coroutine.create(function()
    yields(1)
    error("ends it")
end)
local outer = coroutine.wrap(function()
    coroutine.resume(inner)
    coroutine.yield()
    coroutine.resume(inner)
end)
outer()
outer()
coroutine.resume(inner)                 -- it is dead: nothing runs
