-- SPDX-License-Identifier: MIT
-- A service for bench/top.sh: each request is the same work, in functions of
-- its own. Each half second of its processor time it says how many requests it has
-- answered in a second of that.
local function parse(text)
    local fields = {}
    for key, value in text:gmatch("(%w+)=(%w+)") do
        fields[key] = value
    end
    return fields
end
local function look_up(fields)
    local sum = 0
    for i = 1, 400 do
        sum = (sum * 31 + i + #fields.name) % 65521
    end
    return sum
end
local function answer(sum)
    local parts = {}
    for i = 1, 40 do
        parts[i] = ("%d:%d"):format(i, sum % i)
    end
    return table.concat(parts, ",")
end
local function handle(text)
    return answer(look_up(parse(text)))
end

io.stdout:setvbuf("line")
print("ready")
local count, began = 0, os.clock()
while true do
    for _ = 1, 100 do
        handle("name=request&size=12&kind=small&user=one")
    end
    count = count + 100
    local time = os.clock()
    if time - began >= 0.5 then
        print(("%.0f"):format(count / (time - began)))
        count, began = 0, time
    end
end
