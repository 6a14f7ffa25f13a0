local function inner() return 1 end
function fails() inner() error("x") end
function start()
    pcall(fails)
    local thread = coroutine.wrap(function()
        coroutine.yield(inner())
    end)
    thread()
    thread()
end
start()
package.path = "./?.lua"
pcall(require, "nowhere")
collectgarbage()
print("done")
