local function work() end
print("begun")
io.stdout:flush()
repeat
    for _ = 1, 1000 do work() end
    local going = io.open("going")
    if going then going:close() end
until not going
