-- Collections of every kind, in both modes, by chance; and a heap that grows,
-- so that young collections become major ones.
local modes = {"generational", "incremental"}
math.randomseed(7)
local keep = {}
for i = 1, 100000 do
    keep[i % 50000 + 1] = {i, {}, tostring(i)}
    if i % 4001 == 0 then collectgarbage(modes[math.random(2)]) end
    if i % 17011 == 0 then collectgarbage() end
    if i % 9973 == 0 then keep = {} end
    if i % 3001 == 0 then collectgarbage("step", math.random(0, 100)) end
    if i % 501 == 0 then
        setmetatable({}, {__gc = function() collectgarbage("step", 1) end})
    end
end
keep = {}
collectgarbage("generational")
for i = 1, 100000 do keep[i] = {i} end
