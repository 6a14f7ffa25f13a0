-- large.lua SEED STEPS: a program that does, at random but always alike for a
-- seed, everything that can go wrong with the nesting of calls: recursion,
-- tail calls, varargs, errors caught at any depth and through C functions,
-- coroutines that are resumed, abandoned, closed or die, to-be-closed
-- variables, metamethods, finalizers, hooks of its own, collections.
-- With "quiet" as third argument it sets no hooks.
local seed, steps, quiet = tonumber(arg[1]), tonumber(arg[2]), arg[3]

local function random(n)
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    return (seed >> 8) % n + 1
end

local budget = steps
local act
local waiting = {}

local function deeper(depth)
    budget = budget - 1
    if budget > 0 and depth < 12 then
        return act(depth + 1)
    end
    return depth
end

local function tail(depth)
    return deeper(depth)
end

local function tails(depth, n)
    if n == 0 then
        return tail(depth)
    end
    return tails(depth, n - 1)
end

local meta = {}
meta.__index = function(t, k) deeper(t.depth) return k end
meta.__add = function(a, b) return deeper(a.depth) end
meta.__lt = function(a, b) deeper(a.depth) return true end
meta.__call = function(self, x) return deeper(self.depth) end
meta.__concat = function(a, b) return deeper(5) end
meta.__close = function(self, e) deeper(self.depth) end

local function object(depth)
    return setmetatable({depth = depth}, meta)
end

local function body(depth)
    for i = 1, random(3) do
        local x <close> = object(depth)
        coroutine.yield(i)
        deeper(depth)
        if random(6) == 1 then
            error({depth})
        end
    end
    return depth
end

local actions = {
    deeper,
    function(depth) return deeper(depth) + deeper(depth) end,
    function(depth) return tails(depth, random(4)) end,
    function(depth)
        local function all(...)
            deeper(depth)
            return select("#", ...)
        end
        return all(1, 2, all())
    end,
    function(depth)
        local ok, message = pcall(deeper, depth)
        return 1
    end,
    function(depth)
        error("at depth " .. depth)
    end,
    function(depth)
        pcall(error, object(depth))
        local ok = pcall(function()
            deeper(depth)
            local x = nil
            return x.y
        end)
        return 1
    end,
    function(depth)
        return xpcall(deeper, function(m) return deeper(depth) end, depth)
    end,
    function(depth)
        string.gsub("abc", "%w", function(c) deeper(depth) end)
        return 1
    end,
    function(depth)
        table.sort({3, 1, 2}, function(a, b)
            deeper(depth)
            return a < b
        end)
        return 1
    end,
    function(depth)
        local o = object(depth)
        local r = random(6)
        if r == 1 then return o.key
        elseif r == 2 then return o + 1
        elseif r == 3 then return o < o
        elseif r == 4 then return o(1)
        elseif r == 5 then return o .. "x"
        else
            local x <close> = object(depth)
            return deeper(depth)
        end
    end,
    function(depth)
        for i = 1, 3 do
            local x <close> = object(depth)
            if random(3) == 1 then break end
            if random(9) == 1 then error("in a loop") end
        end
        return 1
    end,
    function(depth)
        local co = coroutine.create(body)
        coroutine.resume(co, depth)
        waiting[#waiting + 1] = co
        return 1
    end,
    function(depth)
        local co = waiting[random(#waiting + 1)]
        if co and coroutine.status(co) == "suspended" then
            coroutine.resume(co)
        end
        return 1
    end,
    function(depth)
        local co = table.remove(waiting)
        if co and (coroutine.status(co) == "suspended" or
                   coroutine.status(co) == "dead") then
            coroutine.close(co)
        end
        return 1
    end,
    function(depth)
        local n = 0
        for v in coroutine.wrap(body), depth do
            n = n + 1
            if n > random(3) then break end
        end
        return n
    end,
    function(depth)
        if random(4) == 1 then
            local g = setmetatable({}, {__gc = function() local x = 1 end})
            g = nil
            collectgarbage()
        end
        local garbage = {}
        for i = 1, random(50) do garbage[i] = {i} end
        return #garbage
    end,
    function(depth)
        local chunk = load("local d = ...\nlocal e = d + 1\nreturn e")
        return chunk(depth)
    end,
    function(depth)
        if quiet or coroutine.isyieldable() then return 1 end
        local lines = 0
        debug.sethook(function(event) lines = lines + 1 end,
                      random(2) == 1 and "l" or "cr", random(3) - 1)
        pcall(deeper, depth)
        debug.sethook()
        return lines
    end,
}

function act(depth)
    local result = actions[random(#actions)](depth)
    if random(10) == 1 then
        budget = budget - 1
    end
    return type(result) == "number" and result or 1
end

while budget > 0 do
    pcall(act, 1)
end
print("done", seed)
