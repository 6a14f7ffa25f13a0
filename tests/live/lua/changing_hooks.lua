-- Traced by lines.bt.
-- A hook that changes hooks: the program sees the same events as untraced.
local function collect(first, mask, count)
    local events = {}
    debug.sethook(function(event, line)
        events[#events + 1] = line or event
        if event == "count" and first then
            debug.sethook(debug.gethook(), table.unpack(first))
            first = nil
        end
    end, mask, count)
    local a = 1
    local b = 2
    local c = 3
    debug.sethook()
    print(table.concat(events, " "))
end

collect({"", 1}, "l", 3)
collect({"l"}, "", 3)
collect({"l", 2}, "", 2)
