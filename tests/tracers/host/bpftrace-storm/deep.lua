-- Calls that are open at the same time.
local function deep(n)
    if n > 0 then deep(n - 1) end
end
deep(200)
