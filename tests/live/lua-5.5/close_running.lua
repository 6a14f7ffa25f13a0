-- Traced by ../lua/calls.bt.
-- A coroutine that closes itself ends all of its functions, the innermost
-- first, then runs what was to be closed.
function closing() end
function inner()
    local resource <close> = setmetatable({}, {__close = closing})
    coroutine.close(coroutine.running())
end
function protected() pcall(inner) end
function body() protected() end
print(coroutine.resume(coroutine.create(body)))

function failing() error("in __close") end
function second()
    local resource <close> = setmetatable({}, {__close = failing})
    coroutine.close(coroutine.running())
end
print(coroutine.resume(coroutine.create(second)))

-- One that sleeps has returned from all of them already.
function sleeper() coroutine.yield() end
local co = coroutine.create(sleeper)
coroutine.resume(co)
print(coroutine.close(co))
