-- Traced by lines.bt.
-- Every line that is about to execute, once each time.
local function work(n)
    local sum = 0
    for i = 1, n do
        sum = sum + i
    end
    return sum
end

work(2)
local t = {
    work(0),
    1,
}
while t[1] < 2 do t[1] = t[1] + 1 end
if t[1] == 2
    and work(0) == 0
then
    t = nil
end
repeat
    local x = 1
until x

pcall(function()
    local a = 1
    error(a)
end)
string.gsub("ab", "%w", function(c)
    return c
end)
local co = coroutine.wrap(function(...)
    coroutine.yield(...)
    return 1
end)
co(1)
co()
load("local x\nx = 1\n", "=chunk")()
goto done
::done::
