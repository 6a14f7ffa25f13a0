-- Closing a coroutine runs its pending closers; its functions had returned
-- when it yielded, and do not return again.
local function closer()
    return setmetatable({}, {__close = function() end})
end

function holds()
    local x <close> = closer()
    coroutine.yield()
end

local co = coroutine.create(holds)
coroutine.resume(co)
coroutine.close(co)

function fails_to_close()
    local x <close> = setmetatable({}, {__close = function() error("no") end})
    coroutine.yield()
end

co = coroutine.create(fails_to_close)
coroutine.resume(co)
coroutine.close(co)

local wrapped = coroutine.wrap(function()
    local x <close> = closer()
    error("in wrap")
end)
pcall(wrapped)

coroutine.close(coroutine.create(holds))
