-- Forks; starts another interpreter; waits for the file "stop".
local fork = assert(package.loadlib("./fork.so", "process_fork"))

local function wait(name)
    os.execute("until test -e " .. name .. "; do sleep 0.05; done")
end

function work(who)
    io.write(who, "\n")
    io.flush()
end

local child = fork()
if child == 0 then
    work("child")
    io.open("forked", "w"):close()
    wait("stop")
else
    wait("forked")
    work("parent")
    os.execute(arg[-1] .. " other.lua")
    io.open("over", "w"):write(child):close()
    wait("stop")
    os.exit(3)
end
