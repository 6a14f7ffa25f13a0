-- Calls job() until there is a file by the name given; ends with status 3.
local function inner() end
function job() inner() end
print("begins")
repeat
    for i = 1, 100 do job() end
    local stop = os.clock() + .002
    while os.clock() < stop do end
    local file = io.open(arg[1])
until file
print("ends")
os.exit(3)
