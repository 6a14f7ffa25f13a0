-- A program of the Lua that is called python.
local function leaf() end
function start(n)
    leaf()
    if n > 1 then
        start(n - 1)
    end
end
start(2)
