-- Each cycle starts and is done, in both modes of the collector.
collectgarbage("stop")

local function garbage(n)
    for i = 1, n do local t = {} end
end

local function note() os.remove("/nonexistent") end   -- an audit event

note()                      -- full, generational: the interpreter starts so
garbage(100)
collectgarbage()

note()                      -- a young collection
garbage(100)
collectgarbage("step", 0)

note()                      -- to incremental mode, then a full one
collectgarbage("incremental")
garbage(100)
collectgarbage()

if _VERSION == "Lua 5.4" then   -- small steps
    collectgarbage("incremental", 100, 4, 4)
else
    collectgarbage("param", "pause", 100)
    collectgarbage("param", "stepmul", 100)
    collectgarbage("param", "stepsize", 16)
end
collectgarbage()
note()                      -- one cycle in small steps
garbage(100)
repeat until collectgarbage("step", 0)

note()                      -- a cycle cut short by a full one
garbage(20)
collectgarbage("step", 0)
collectgarbage()

note()                      -- a cycle that the end of the program cuts short
garbage(20)
collectgarbage("step", 0)
