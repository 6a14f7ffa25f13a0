-- f1 is called once, f2 twice, up to f25.
for i = 1, 25 do
    _G["f" .. i] = load("return function() end", "=f" .. i)()
    for _ = 1, i do
        _G["f" .. i]()
    end
end
