-- program.lua - when there is a file "followed", imports "warm" until there is
-- a file "asked"; then 30 other imports and 20 collections. Says how many imports
-- there were, and waits until its input ends. It has no collection but these.
collectgarbage("stop")
package.path = "./?.lua"
local warm = 0
while not io.open("followed") do
    os.execute("sleep 0.1")
end
repeat
    pcall(require, "warm")
    warm = warm + 1
    os.execute("sleep 0.1")
until io.open("asked")
for i = 1, 30 do
    pcall(require, "absent" .. i)
end
collectgarbage("generational")
for _ = 1, 20 do
    collectgarbage("step", 0)
end
print("done " .. warm + 30)
io.stdout:flush()
io.read()
