-- Each function that an error passes through returns, the innermost first.
function thrower(kind)
    if kind == "error" then
        error("thrown")
    elseif kind == "index" then
        return kind.x.y
    else
        local t = nil
        t()
    end
end

function between(kind)
    thrower(kind)
    return "not reached"
end

function catcher(kind)
    local ok = pcall(between, kind)
    return ok
end

catcher("error")
catcher("index")
catcher("call")

function rethrower()
    local ok, message = pcall(between, "error")
    error(message, 0)
end

pcall(rethrower)

function handler(message)
    return "handled"
end

xpcall(between, handler, "error")
