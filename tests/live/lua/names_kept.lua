-- A function's name is kept until a collection, and not for whatever has the
-- function's address after it; a module that is loaded names its functions.
collectgarbage("stop")

local function call(f) f() end
local function make() return function() end end

first = make()
call(first)
second, first = first, nil
call(second)
collectgarbage()
call(second)
second = nil

-- Each has the address of the one before.
one, two, three = false, false, false
for _, name in ipairs({"one", "two", "three"}) do
    _G[name] = make()
    call(_G[name])
    _G[name] = false
    collectgarbage()
end

local member = make()
call(member)
package.preload.module = function() return {member = member} end
require("module")
call(member)

-- Too long to be kept, and twice the same.
_G[("n"):rep(60)] = make()
call(_G[("n"):rep(60)])
call(_G[("n"):rep(60)])
