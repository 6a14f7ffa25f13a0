-- Each function is busy for a known time by itself, in ms of the processor.
function leaf()
    local stop = os.clock() + .005
    while os.clock() < stop do end
end
function middle()
    leaf()
    local x = leaf()
    return x
end
function recursive(n)
    local stop = os.clock() + .004
    while os.clock() < stop do end
    if n > 1 then recursive(n - 1) end
end
local co = coroutine.wrap(function()
    local stop = os.clock() + .003
    while os.clock() < stop do end
    coroutine.yield()
end)
function between()
    local stop = os.clock() + .02
    while os.clock() < stop do end
end
function fails()
    local stop = os.clock() + .006
    while os.clock() < stop do end
    error("no")
end
for _ = 1, 4 do middle() end
recursive(5)
co()
between()
co()
pcall(fails)
