seconds = 0.4
dofile "busy.lua"
