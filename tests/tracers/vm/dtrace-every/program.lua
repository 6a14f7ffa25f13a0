local name = ...
io.read()
function one() end
function two() end
function later() end
for i = 1, 1000 do _G[name]() end
if name == "one" then
    os.execute(os.getenv("lua") .. " program.lua later < /dev/null")
    os.exit(3)
end
io.read()
os.exit(4)
