-- A yield returns from every function of the coroutine, a resume enters them.
function inner(x)
    coroutine.yield(x)
    return x
end

function body(x)
    inner(x)
    inner(x + 1)
end

local co = coroutine.create(body)
coroutine.resume(co, 1)
coroutine.resume(co)
coroutine.resume(co)
coroutine.resume(co)

for value in coroutine.wrap(function()
    coroutine.yield(1)
end) do end

function failing()
    coroutine.yield()
    error("in a coroutine")
end

local bad = coroutine.create(failing)
coroutine.resume(bad)
coroutine.resume(bad)
coroutine.resume(bad)

function protected()
    pcall(function()
        coroutine.yield()
        error("after a yield")
    end)
end

local caught = coroutine.wrap(protected)
caught()
caught()

function nested()
    local other = coroutine.wrap(function() coroutine.yield() end)
    other()
    coroutine.yield()
    other()
end

local outermost = coroutine.wrap(nested)
outermost()
outermost()

local meta = setmetatable({}, {__index = function(t, k)
    return coroutine.yield(k)
end})
local through = coroutine.wrap(function() return meta.key end)
through()
through(1)
