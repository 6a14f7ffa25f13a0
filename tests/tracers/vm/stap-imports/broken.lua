require "fine"
seconds = 0.1
dofile "busy.lua"
error("on purpose")
