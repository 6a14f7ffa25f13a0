-- What only a host in C can do (hosted.c): every frame still returns once.
function inner() error("in a thread") end
function unprotected() inner() end
print(pcall(thread, unprotected))

function in_coroutine() thread(unprotected) end     -- is never gone on with
function outer() coroutine.wrap(in_coroutine)() end
print(pcall(coroutine.wrap(outer)))
print(pcall(function() coroutine.wrap(outer)() end))

function counted()
    local x = 1
    return x
end
for _, mask in ipairs({8, 4}) do    -- by count of instructions, by line
    local co = coroutine.create(counted)
    yields(co, mask, 1)
    local resumes = 0
    repeat
        resumes = resumes + 1
        coroutine.resume(co)
    until coroutine.status(co) == "dead"
    print(mask, resumes)
end

function yielder()
    coroutine.yield()
    error("after a yield")
end
function body()
    pcallk(yielder)
    return 1
end
local co = coroutine.wrap(body)
co()
co()

function greedy()
    local t = {}
    for i = 1, 100000 do t[i] = {} end
end
function wanting() greedy() end
print(limited(wanting))

-- An allocation fails in a finalizer: a cycle inside a finalizer is whole.
collectgarbage("generational")
setmetatable({}, {__gc = function() fail_once() local t = {} end})
collectgarbage("step")

print(mask())
