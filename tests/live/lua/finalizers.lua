-- Finalizers enter and return, also one that fails and those at exit.
collectgarbage("incremental")
setmetatable({}, {__gc = function() end})
collectgarbage()

warn("@off")
setmetatable({}, {__gc = function() error("in a finalizer") end})
collectgarbage()

at_exit = setmetatable({}, {__gc = function() end})
