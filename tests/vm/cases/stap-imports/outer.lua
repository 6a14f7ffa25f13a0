seconds = 0.05
dofile "busy.lua"
require "inner"
