-- A program that opens a file that it should not.
function read_settings(name)
    local file = io.open(name)
    if file then file:close() end
end

function report()
    read_settings("/etc/shadow")
end

read_settings(arg[0])
report()
