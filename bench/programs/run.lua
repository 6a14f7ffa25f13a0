-- run.lua - run programs, each with a size, and say how long each took.
--
--   lua run.lua PROGRAM SIZE [PROGRAM SIZE...]
--
-- Prints what they print, after the program's name; and for each a line with
-- its seconds of processor time to standard error. os.clock is called right
-- before and right after each, and nowhere else.

for i = 1, #arg, 2 do
    local program = assert(loadfile(arg[i]))
    collectgarbage()
    io.write(arg[i]:match("(%w+)%.lua$"), "\t")
    local start = os.clock()
    program(arg[i + 1])
    collectgarbage()    -- what it has made is freed at its own cost
    io.stderr:write(string.format("%.6f\n", os.clock() - start))
end
