-- leaf is called 40 times, branch 20 times, root once.
local function leaf(n)
    local s = 0
    for i = 1, n do s = s + i end
    return s
end
local function branch(n)
    local s = leaf(n)
    s = s + leaf(2 * n)
    return s
end
local function root()
    local s = 0
    for i = 1, 20 do s = s + branch(1000) end
    return s
end
local sum = root()
collectgarbage()
pcall(require, "nothing.here")
io.open("nothing.here")
os.exit(7)
