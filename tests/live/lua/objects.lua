-- The number of objects collected is exact.
collectgarbage("stop")
collectgarbage("incremental")
local function report() os.remove("/nonexistent") end   -- an audit event

for _, n in ipairs({0, 1, 10, 1000}) do
    collectgarbage()
    for i = 1, n do local t = {} end
    collectgarbage()
    report()
end
