seconds = 0.03
dofile "busy.lua"
