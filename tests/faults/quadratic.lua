-- A request handler that takes longer the more there is in its list: it looks
-- at all of the list for each new item.
function parse(request)
    local fields = {}
    for field in request:gmatch("%w+") do fields[#fields + 1] = field end
    return fields
end

function add_once(list, item)
    for i = 1, #list do
        if list[i] == item then return end
    end
    list[#list + 1] = item
end

function render(list)
    return table.concat(list, ",", 1, math.min(#list, 10))
end

local seen = {}
function handle(number)
    for _, field in ipairs(parse("get item" .. number)) do
        add_once(seen, field)
    end
    return render(seen)
end

for number = 1, 3000 do handle(number) end
