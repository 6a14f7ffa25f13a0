-- A stack overflow abandons every frame; only the number is compared.
function endless()
    return 1 + endless()
end

function bad_handler(message)
    error("again")
end

print(pcall(endless))
print(select(2, pcall(string.gsub, "x", "x", endless)))
print(xpcall(error, bad_handler))
local depth = 0
function deep()
    depth = depth + 1
    return coroutine.wrap(deep)()
end
print(pcall(deep))
