function hot() end
repeat
    for _ = 1, 100 do
        hot()
    end
    os.execute("sleep 0.05")
until io.open("stop")
