-- Each function is busy by itself for as long as it is told.
local clock = os.clock

function inner()
    local finish = clock() + 0.05
    repeat until clock() >= finish
end

function outer()
    inner()
    inner()
    local finish = clock() + 0.1
    repeat until clock() >= finish
end

function recurse(n)
    local finish = clock() + 0.02
    repeat until clock() >= finish
    if n > 1 then
        recurse(n - 1)
    end
end

function raise()
    local finish = clock() + 0.03
    repeat until clock() >= finish
    error("on purpose")
end

local resume = coroutine.wrap(function()
    local finish = clock() + 0.05
    repeat until clock() >= finish
    coroutine.yield()
    finish = clock() + 0.05
    repeat until clock() >= finish
end)

outer()
recurse(5)
pcall(raise)
resume()
local finish = clock() + 0.1
repeat until clock() >= finish
resume()
