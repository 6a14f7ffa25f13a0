-- Lua functions that C functions call enter and return.
function replace(s) return s:upper() end
string.gsub("ab", "%w", replace)

function before(a, b) return a < b end
table.sort({2, 1}, before)

local chunks = {"return ", "1"}
function reader() return table.remove(chunks, 1) end
load(reader)

pcall(replace, "x")
xpcall(replace, print, "x")
select("#", pcall(replace))
