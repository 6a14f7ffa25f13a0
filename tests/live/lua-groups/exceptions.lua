-- Errors: each is thrown once, and caught once where something takes it.

-- By error(), through two functions and a C function.
local function inner()
    error("by the program")
end
local function middle()
    return select("#", inner())
end
local function outer()
    return pcall(middle)
end
print(outer())

-- By the interpreter, with a value of its own and with a type that has a name.
print(pcall(function()
    local nothing
    return nothing.field
end))
print(pcall(error, setmetatable({}, {__name = "Refusal",
    __tostring = function() return "refused" end})))
print(xpcall(error, function(value) return value + 1 end, 1))

-- load() takes a wrong chunk's.
print((load("x =")))

-- Through a coroutine; wrap() throws it again in the one that resumed.
local function fails()
    local value = coroutine.yield(1)
    error({value})
end
local thread = coroutine.create(fails)
print(coroutine.resume(thread))
print((coroutine.resume(thread, 2)))
local wrapped = coroutine.wrap(fails)
wrapped()
print((pcall(wrapped, 3)))

-- In a coroutine that has yielded within its pcall().
local resumed = coroutine.wrap(function()
    print(pcall(function()
        coroutine.yield()
        error("behind a yield", 0)
    end))
end)
resumed()
resumed()

-- A finalizer's.
setmetatable({}, {__gc = function() error("in a finalizer", 0) end})
collectgarbage()

-- A to-be-closed variable throws another, in the place of the first.
print(pcall(function()
    local closed <close> = setmetatable({}, {__close = function()
        error("second", 0)
    end})
    error("first", 0)
end))
