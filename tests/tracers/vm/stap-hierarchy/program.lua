local function leaf() end

function descend(n)
    if n > 0 then
        descend(n - 1)
    end
end

function raise()
    leaf()
    error("on purpose")
end

function work()
    descend(2)
    pcall(raise)
    local resume = coroutine.wrap(function()
        leaf()
        coroutine.yield()
        leaf()
    end)
    resume()
    leaf()
    resume()
end

leaf()
work()
leaf()
