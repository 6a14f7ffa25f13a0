-- What an auditor wants to know.
load("return 1")
loadfile("imports/inner.lua")
dofile("imports/inner.lua")
package.path, package.cpath = "./imports/?.lua", ""
require("inner")
os.execute("true")
os.remove("/nonexistent/a")
os.rename("/nonexistent/a", "/nonexistent/b")
io.open("/nonexistent/a")
pcall(io.lines, "/nonexistent/a")
io.popen("true"):close()
package.loadlib("/nonexistent/a.so", "*")
