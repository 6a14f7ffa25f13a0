-- As many functions as the first argument says, each called as often as the
-- second says.
local functions = {}
for i = 1, arg[1] do
    functions[i] = load("return " .. i, "=chunk" .. i)
end
for _ = 1, arg[2] do
    for i = 1, arg[1] do functions[i]() end
end
local stop = os.clock() + (arg[3] or 0)
while os.clock() < stop do end
functions[1]()
