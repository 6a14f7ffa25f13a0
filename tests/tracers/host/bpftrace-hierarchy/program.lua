local function fact(n)
    if n == 0 then return 1 end
    local r = n * fact(n - 1)
    return r
end

local function fails()
    error("no")
end

local function other() end

local function steps()
    coroutine.yield()
    other()
end

function start()
    fact(2)
    local step = coroutine.wrap(steps)
    step()
    other()
    step()
    pcall(fails)
end

other()
start()
other()
