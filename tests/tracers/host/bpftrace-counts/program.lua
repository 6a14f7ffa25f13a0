local function often() local x = 1 return x end
collectgarbage("incremental")
collectgarbage()
collectgarbage("generational")
for i = 1, 3000 do
    often()
end
for i = 1, 30000 do local t = {} end
io.open("/dev/null"):close()
os.remove("/nonexistent")
local stop = os.clock() + 1.2
while os.clock() < stop do often() end
