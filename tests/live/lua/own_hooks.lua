-- A program that hooks its own calls: the hook is a call like any other, and
-- an error or a yield in it loses nothing.
function hooked() end
function hook() end

debug.sethook(hook, "cr")
hooked()
debug.sethook()

local ok, message = pcall(function()
    debug.sethook(function()
        debug.sethook()
        error("in a hook", 0)
    end, "l")
    local x = 1
end)
hooked()
print(ok, message, debug.gethook())
