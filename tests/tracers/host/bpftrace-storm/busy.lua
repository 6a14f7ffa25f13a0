local function work() end
print("begins")
io.stdout:flush()
while true do work() end
