function inner()
    os.exit(3)
end

function outer()
    inner()
end

outer()
