function work(n) return n end
while true do
    work(1)
    io.open("/worked", "w"):close()
    os.execute("sleep 0.1")
end
