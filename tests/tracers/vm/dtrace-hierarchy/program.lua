local function fails() error("caught") end
function recurse(n)
    if n > 0 then recurse(n - 1) end
end
function start()
    recurse(1)
    pcall(fails)
    local co = coroutine.wrap(function() coroutine.yield() end)
    co()
    co()
end
recurse(0)
start()
recurse(0)
