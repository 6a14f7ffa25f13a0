-- Metamethods are calls like any other.
local mt = {}
local function make() return setmetatable({}, mt) end
mt.__add = function(a, b) return 1 end
mt.__index = function(t, k) return k end
mt.__newindex = function(t, k, v) end
mt.__eq = function(a, b) return true end
mt.__lt = function(a, b) return true end
mt.__le = function(a, b) return true end
mt.__concat = function(a, b) return "" end
mt.__len = function(a) return 0 end
mt.__unm = function(a) return a end
mt.__call = function(self, x) return x end
mt.__tostring = function(self) return "text" end

local a, b = make(), make()
local r = a + 1
r = a.key
a.key = 1
r = a == b
r = a < b
r = a <= b
r = a .. "x"
r = #a
r = -a
r = a(1)
r = tostring(a)
