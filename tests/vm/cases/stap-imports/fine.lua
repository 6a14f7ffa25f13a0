seconds = 0.02
dofile "busy.lua"
