function hot() end
function cold() end
repeat
    for _ = 1, 100 do
        hot()
        hot()
        cold()
    end
    os.execute("sleep 0.05")
until io.open("stop")
