-- Tasks that take turns. One of them does not hand over for a long time.
function polite()
    for i = 1, 200 do coroutine.yield(i) end
end

function greedy()
    local sum = 0
    for i = 1, 200 do
        for j = 1, 20000 do sum = sum + j end
        coroutine.yield(sum)
    end
end

local tasks = {coroutine.create(polite), coroutine.create(greedy),
               coroutine.create(polite)}
for turn = 1, 200 do
    for _, task in ipairs(tasks) do coroutine.resume(task) end
end
