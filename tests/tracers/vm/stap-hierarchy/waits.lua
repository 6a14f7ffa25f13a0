-- Says that it is inside functions, and waits there until it is told.
function inner() end

function outer()
    io.open("said", "w"):write("waiting\n"):close()
    while not io.open("attached") do
        os.execute("sleep 0.1")
    end
    inner()
end

outer()
inner()
