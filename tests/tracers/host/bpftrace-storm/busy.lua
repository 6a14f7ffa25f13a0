local function work() end
print("begins")
io.stdout:flush()
while true do
    for _ = 1, 200 do work() end
    local stop = os.clock() + .001
    while os.clock() < stop do end
end
