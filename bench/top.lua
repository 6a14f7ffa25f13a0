-- SPDX-License-Identifier: MIT
-- A service for bench/top.sh: each request is the same work, in functions of
-- its own. It says each half second how many requests a second it has answered,
-- by the time that goes by.
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

local read = assert(io.open("/proc/uptime"))
read:setvbuf("no")
local function now()
    read:seek("set")
    return read:read("n")
end
io.stdout:setvbuf("line")
print("ready")
local count, began = 0, now()
while true do
    for _ = 1, 100 do
        handle("name=request&size=12&kind=small&user=one")
    end
    count = count + 100
    local time = now()
    if time - began >= 0.5 then
        print(("%.0f"):format(count / (time - began)))
        count, began = 0, time
    end
end
