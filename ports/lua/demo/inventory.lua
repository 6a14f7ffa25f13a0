-- A module of the demo's program.
local inventory = {}
inventory.__index = inventory

function inventory.new()
    return setmetatable({count = 0}, inventory)
end

function inventory:add(name, number)
    self.count = self.count + number
    self[name] = (self[name] or 0) + number
end

function inventory:check(callback)
    callback(self.count)
    return true
end

return inventory
