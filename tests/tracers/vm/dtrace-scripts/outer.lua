local stop = os.clock() + 0.03
while os.clock() < stop do end
require("inner")
