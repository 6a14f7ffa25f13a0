collectgarbage("stop")
function function_of_lines()
    local table = {}
    table = nil
end
function_of_lines()
require "module"
pcall(require, "nowhere")
collectgarbage("collect")
os.exit(true, false)
