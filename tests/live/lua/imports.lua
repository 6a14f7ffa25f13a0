-- Modules found and not found, nested, failing, and loaded already.
package.path = "./imports/?.lua"
package.cpath = ""
require("outer")
require("outer")
require("inner")
pcall(require, "missing")
pcall(require, "broken")
pcall(require, "syntax")
package.preload.given = function() return 1 end
require("given")
local co = coroutine.create(function() require("yields") end)
coroutine.resume(co)
