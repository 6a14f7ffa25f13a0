-- Traced by lines.bt.
-- A program that only counts instructions gets no line events, and counts
-- the same as untraced.
local counts, others = 0, 0
local function hook(event)
    if event == "count" then counts = counts + 1 else others = others + 1 end
end

debug.sethook(hook, "", 1)
local x = 0
for i = 1, 10 do
    x = x + i
end
debug.sethook()
print(counts, others, select(2, debug.gethook()))
debug.sethook(hook, "c", 0)
math.abs(1)
print(select(2, debug.gethook()))
debug.sethook()
print(debug.gethook())
