-- count.lua - how often function__entry and line ought to fire in a program,
-- as Lua's own hooks see it, without the markers: what its Lua functions are
-- called or resumed, and the lines that they come to.
--
--   lua count.lua PROGRAM ARGUMENT...
--
-- Prints the two numbers after the program's own output.

local calls, lines = 0, 0
local program = assert(loadfile(arg[1]))
local source = "@" .. arg[1]
arg = table.move(arg, 2, #arg, 1, {})

local function watch(event)
    if debug.getinfo(2, "S").source ~= source then return end
    if event == "line" then
        lines = lines + 1
    else
        calls = calls + 1
    end
end

-- A coroutine has hooks of its own, which do not see that it is resumed.
function coroutine.wrap(f)
    local co, resumed = coroutine.create(f), false
    debug.sethook(co, watch, "cl")
    return function()
        if resumed then calls = calls + 1 end
        resumed = true
        return select(2, assert(coroutine.resume(co)))
    end
end

debug.sethook(watch, "cl")
program()
debug.sethook()
print(calls, lines)
