function work(n) return n end
while true do
    work(1)
    os.execute("sleep 0.1")
end
