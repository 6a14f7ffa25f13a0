local function inner() end
function outer() inner() end
outer()
