-- Calls of methods, one of them inherited: three in each of N rounds.
local n = tonumber((...))

local Account = {}
Account.__index = Account
function Account:deposit(amount) self.balance = self.balance + amount end
function Account:get() return self.balance end

local Saving = setmetatable({}, Account)
Saving.__index = Saving
function Saving:interest()
    self.balance = self.balance * 1.01 % 1000
end

local account = setmetatable({balance = 1}, Saving)
local sum = 0
for i = 1, n do
    account:deposit(i % 10)
    account:interest()
    sum = sum + account:get()
end
print(string.format("%.6g", sum))
