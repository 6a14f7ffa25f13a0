-- An error passes through C functions in between.
function callback(x)
    error("from a callback")
end

function substitute()
    return string.gsub("abc", "%w", callback)
end

pcall(substitute)
pcall(table.sort, {3, 1, 2}, callback)
pcall(pcall)
pcall(string.rep)

function in_metamethod()
    local t = setmetatable({}, {__index = callback})
    return t.x
end

pcall(in_metamethod)
pcall(error)
pcall(load, callback)
pcall(dofile, "/nonexistent")
