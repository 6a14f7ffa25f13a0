-- Closers run inside the function that holds the variable when it ends by
-- itself, and after it has returned when an error ends it.
local function closer(action)
    return setmetatable({}, {__close = action or function() end})
end

function normal()
    local x <close> = closer()
    return 1
end

function by_break()
    for i = 1, 2 do
        local x <close> = closer()
        break
    end
end

function by_error()
    local x <close> = closer()
    error("with a closer")
end

function closer_fails()
    local x <close> = closer(function() error("in a closer") end)
    local y <close> = closer()
end

function both_fail()
    local x <close> = closer(function() error("second") end)
    local y <close> = closer(function() error("first") end)
    error("in the function")
end

function yields_in_closer()
    local x <close> = closer(function() coroutine.yield() end)
    return 1
end

normal()
by_break()
pcall(by_error)
pcall(closer_fails)
pcall(both_fail)
local co = coroutine.wrap(yields_in_closer)
co()
co()
for _ in next, {}, nil, closer() do end
