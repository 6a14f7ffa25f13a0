-- A worker that waits for what does not come: it reads from a pipe that is not
-- written.
function fetch(pipe)
    return pipe:read("l")
end

local pipe = io.open(arg[1], "r+")
print("ready")
io.stdout:flush()
fetch(pipe)
