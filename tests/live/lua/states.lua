-- Traced by lines.bt.
-- One state after the other at the same addresses (states.c): each has its own
-- names and lines. The programs are in this file, with a line of -- between.
function one()
    local x = 1
    return x
end
one()
--
function two()

    local x = 2

    return x
end

two()
