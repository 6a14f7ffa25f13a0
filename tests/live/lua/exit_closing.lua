-- Closing the state from inside ends all functions, those of coroutines too.
local function closer()
    return setmetatable({}, {__close = function() end})
end

function inner()
    os.exit(true, true)
end

function outer()
    coroutine.wrap(inner)()
end

function body()
    local x <close> = closer()
    coroutine.wrap(outer)()
end

local y <close> = closer()
suspended = coroutine.wrap(function() coroutine.yield() end)
suspended()
body()
