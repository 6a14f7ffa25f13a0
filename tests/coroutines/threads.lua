-- Coroutines that take turns; one calls another function that yields.
local function work(n)
    local sum = 0
    for i = 1, n do sum = sum + i end
    return sum
end

local function inner()
    coroutine.yield()
    work(10)
end

function polite()
    for i = 1, 3 do
        inner()
        coroutine.yield()
    end
end

function greedy()
    for i = 1, 3 do
        work(10000)
        coroutine.yield()
    end
end

local tasks = {coroutine.create(polite), coroutine.create(greedy),
               coroutine.create(polite)}
for turn = 1, 8 do
    for _, task in ipairs(tasks) do coroutine.resume(task) end
end
