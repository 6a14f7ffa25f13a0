-- Three functions whose cost is known: loops of 100, 2000 and 300000 rounds.
-- Its arguments say how often each is called.
function small() for _ = 1, 100 do end end
function middle() for _ = 1, 2000 do end end
function large() for _ = 1, 300000 do end end

for _ = 1, tonumber(arg[1]) do small() end
for _ = 1, tonumber(arg[2]) do middle() end
for _ = 1, tonumber(arg[3]) do large() end
