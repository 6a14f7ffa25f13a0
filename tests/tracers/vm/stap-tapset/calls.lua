local function leaf() end leaf()
