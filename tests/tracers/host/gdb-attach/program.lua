local function wait(name)
    os.execute("until test -e " .. name .. "; do sleep 0.05; done")
end
function work(n) return n end

wait("go")
for n = 1, 3 do work(n) end
io.open("over", "w"):close()
wait("stop")
os.exit(3)
