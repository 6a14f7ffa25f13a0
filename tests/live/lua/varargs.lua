-- Functions with varargs, which move their frame when they begin.
function all(...)
    return select("#", ...)
end

function fails(...)
    local a, b = ...
    error(a)
end

all()
all(1, 2, 3)
pcall(fails, "x", "y")
coroutine.wrap(function(...) coroutine.yield(...) end)(1, 2)
