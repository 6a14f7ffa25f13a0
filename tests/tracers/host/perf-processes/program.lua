-- Forks, and starts another interpreter, between the files "go" and "over";
-- then waits for "stop".
local fork = assert(package.loadlib("./fork.so", "process_fork"))

local function wait(name)
    os.execute("until test -e " .. name .. "; do sleep 0.05; done")
end

function work(who)
    io.write(who, "\n")
    io.flush()
    os.execute("true")
end

wait("go")
local child = fork()
if child == 0 then
    for _ = 1, 3 do work("child") end
    io.open("forked", "w"):close()
    wait("stop")
else
    for _ = 1, 5 do work("parent") end
    os.execute(arg[-1] .. " other.lua")
    wait("forked")
    io.open("over", "w"):write(child):close()
    wait("stop")
    os.exit(3)
end
