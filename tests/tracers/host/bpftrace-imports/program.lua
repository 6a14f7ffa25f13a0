package.path = "./?.lua"
require("slow")
require("quick")
print(pcall(require, "broken") == false)
