local function below(n) if n > 0 then below(n - 1) end end
function job() below(3) end
for i = 1, 100 do job() end
