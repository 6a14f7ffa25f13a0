seconds = 0.2
dofile "busy.lua"
require "inner"
