-- A tail call ends the function that makes it, then enters the other.
function last(x) return x end

function middle(x)
    return last(x)
end

function first(x)
    return middle(x)
end

function to_c(x)
    return tostring(x)
end

local callable = setmetatable({}, {__call = function(self, x) return x end})
function to_callable(x)
    return callable(x)
end

function with_varargs(...)
    return last(...)
end

function fails()
    return nothing()
end

function loop(n)
    if n == 0 then return end
    return loop(n - 1)
end

first(1)
to_c(1)
to_callable(1)
with_varargs(1, 2, 3)
pcall(fails)
loop(2)
