-- A program that calls for whole collections, again and again, while it has
-- many objects.
local kept = {}
for i = 1, 200000 do kept[i] = {i} end

function shrink_cache()
    collectgarbage()
end

function serve(number)
    local answer = {}
    for i = 1, 100 do answer[i] = number .. i end
    if number % 10 == 0 then shrink_cache() end
    return answer
end

for number = 1, 200 do serve(number) end
