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

collectgarbage("incremental", 100, 4, 4)
collectgarbage()
note()                      -- one cycle in small steps
garbage(100)
repeat until collectgarbage("step", 1)

note()                      -- a cycle cut short by a full one
garbage(20)                 -- enough for a step in any release
collectgarbage("step", 1)
collectgarbage()

note()                      -- a cycle that the end of the program cuts short
garbage(20)
collectgarbage("step", 1)
