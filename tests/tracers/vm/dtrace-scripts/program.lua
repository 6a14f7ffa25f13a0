-- Functions that use the processor for known times, in ms.
function busy(ms)
    local stop = os.clock() + ms / 1000
    while os.clock() < stop do end
end
function leaf() busy(20) end
function middle() busy(10) leaf() end
function recursive(n)
    busy(20)
    if n > 1 then recursive(n - 1) end
end
function suspended()
    busy(20)
    coroutine.yield()
    busy(20)
end
function meanwhile() busy(50) end

for i = 1, 3 do middle() end
recursive(4)
local co = coroutine.wrap(suspended)
co()
meanwhile()
co()

collectgarbage()
collectgarbage("generational")
for i = 1, 400 do local garbage = {i} end
collectgarbage("step")
collectgarbage("incremental")
for i = 1, 400 do local garbage = {i} end
collectgarbage()

package.path = "./?.lua"
require("outer")
pcall(require, "missing")
pcall(require, "broken")
io.open("/dev/null"):close()
os.remove("/nonexistent/file")
