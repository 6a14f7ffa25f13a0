-- Computes at each start what could be in a file.
local sines = {}
for i = 1, 1000000 do sines[i % 1000] = math.sin(i) end
return sines
