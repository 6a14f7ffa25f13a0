function tick()
    io.open("ticks", "a"):write("1\n"):close()
end
while true do
    tick()
    os.execute("sleep 0.1")
end
