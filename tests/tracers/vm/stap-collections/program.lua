collectgarbage("stop")
local function litter()
    for _ = 1, 10000 do
        local table = {}
    end
end
litter()
collectgarbage("generational")
collectgarbage("stop")
for _ = 1, 2 do
    litter()
    collectgarbage("step", 0)
end
collectgarbage("incremental")
collectgarbage("stop")
litter()
collectgarbage("collect")
os.exit(true, false)
