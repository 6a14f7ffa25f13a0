local function leaf()
  return 1
end
local function middle()
  for _ = 1, 3 do leaf() end
end
local function other()
  leaf()
end
for _ = 1, 20 do middle() end
for _ = 1, 10 do other() end
