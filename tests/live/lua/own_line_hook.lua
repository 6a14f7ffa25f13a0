-- Traced by lines.bt.
-- The program's own line hook and the marker see the same lines: the hook's
-- are printed at the end, and come out beside the marker's.
local seen = {}
local function hook(event, line)
    if event ~= "line" then return end
    local where = debug.getinfo(2, "S").short_src .. ":" .. line
    seen[#seen + 1] = where
end

function twice(x)
    local y = x * 2
    return y
end

debug.sethook(hook, "l")
twice(1)
pcall(error)
for i = 1, 2 do
    twice(i)
end
debug.sethook(hook, "l", 3)
twice(2)
debug.sethook()
for _, where in ipairs(seen) do print("hook " .. where) end
