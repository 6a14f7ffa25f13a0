collectgarbage("stop")
function outer() pcall(require, "missing") end
outer()
collectgarbage()
