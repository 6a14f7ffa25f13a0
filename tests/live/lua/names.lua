-- A function's name is the one that a traceback would give it.
function global() end
global()

local function here() end
here()

local alias = global
alias()

local object = {field = function() end}
object.field()

function object:method() end
object:method()

local function outer() here() end
outer();

(function() end)()

string.mine = function() end
string.mine()

package.loaded.module = {member = function() end}
local member = package.loaded.module.member
member()

for _ in function(_, i) return not i or nil end do end

load("local x = 1", "=a name")()
load("local x = 1\nlocal y = 2", "text of the chunk")()
load("local x = 1", "@some/file.lua")()
load(string.dump(function() return 1 end, true))()

_G["k\u{e4}se"] = function() end
_G["k\u{e4}se"]()
