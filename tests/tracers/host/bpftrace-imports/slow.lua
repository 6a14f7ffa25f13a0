require("inner")
local stop = os.clock() + .05
while os.clock() < stop do end
