-- A service that fires each marker again and again; or as often as it is told.
local function handle(n)
    local parts = {}
    for i = 1, n do parts[i] = i end
    return #parts
end
local function open_settings()
    local file = io.open("settings.lua")
    file:close()
end
local function collect_all() collectgarbage() end
local function ask(n)
    local parts = handle(n)
    return parts
end
local function serve()
    package.loaded.settings = nil
    require("settings")
    open_settings()
    collect_all()
    for n = 1, 20 do ask(n) end
end

package.path = "./?.lua"
print("ready")
io.stdout:flush()
local rounds = tonumber(arg[1]) or math.huge
while rounds > 0 do
    serve()
    local stop = os.clock() + .002
    while os.clock() < stop do end
    rounds = rounds - 1
end
