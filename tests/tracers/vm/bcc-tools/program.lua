-- Works each time the file NAME.go comes, and then makes NAME.done; ends when
-- the file "stop" does.
collectgarbage("stop")
local name = arg[1]
local go, done = name .. ".go", name .. ".done"
local fork = package.loadlib("./fork.so", "process_fork")
local function inner() end
function outer() inner() inner() end

while true do
    os.execute("until test -e " .. go .. " -o -e stop; do sleep 0.1; done")
    if not os.remove(go) then break end
    for _ = 1, 2 do
        outer()
        collectgarbage()
    end
    if name == "fork" and fork() == 0 then
        os.execute("until test -e stop; do sleep 0.1; done")
        os.exit(4)
    end
    io.open(done, "w"):close()
end
os.exit(3)
