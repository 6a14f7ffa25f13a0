-- program.lua - when a line comes: 30 imports and 20 collections; then it waits
-- until its input ends.
io.read()
package.path = "./?.lua"
for i = 1, 30 do
    pcall(require, "absent" .. i)
end
collectgarbage("generational")
for _ = 1, 20 do
    collectgarbage("step", 0)
end
print("done")
io.stdout:flush()
io.read()
