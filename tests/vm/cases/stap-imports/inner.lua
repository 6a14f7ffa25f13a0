seconds = 0.1
dofile "busy.lua"
