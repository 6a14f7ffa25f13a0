collectgarbage("generational")
local function inner() end
function outer() inner() end
outer()
pcall(require, "missing")
collectgarbage()
