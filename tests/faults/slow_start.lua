-- A program that starts slowly, by one of the modules that it loads.
package.path = (arg[0]:match("^.*/") or "./") .. "modules/?.lua"
require("settings")
require("routes")
print("ready")
