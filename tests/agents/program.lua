-- program.lua - three imports and 26 collections; then it waits until its input
-- ends.
collectgarbage("stop")
package.path = "./?.lua"
for i = 1, 3 do
    pcall(require, "absent" .. i)
end
collectgarbage("generational")
for _ = 1, 25 do
    collectgarbage("step", 0)
end
collectgarbage()
print("done")
io.stdout:flush()
io.read()
