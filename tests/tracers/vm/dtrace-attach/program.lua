function inside()               -- here the tracer comes
    print("inside") io.flush()
    io.read()
    traced(2)
end
function traced(n)
    if n > 0 then traced(n - 1) return end
    pcall(fails, 1)
    local co = coroutine.wrap(yields)
    co()
    other()
    co()
end
function fails(n)
    if n == 0 then error("caught") end
    fails(n - 1)
end
function yields()
    other()
    coroutine.yield()
end
function other() end
inside()
other()
traced(0)
print("finished") io.flush()
io.read()
traced(1)
os.exit(7)
