-- Lines are traced while the stack overflows. Where Lua checks its assertions
-- it stops if the markers leave less room on the stack than it had.
local function f() f() end
print((pcall(f)))
debug.sethook(function() end, "", 1000)
print((pcall(f)))
debug.sethook()
