function work(who) print(who) end
for _ = 1, 7 do work("another") end
