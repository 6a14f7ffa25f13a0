-- Every level of a recursion enters and returns.
function down(n)
    if n > 0 then
        return 1 + down(n - 1)
    end
    return 0
end

local function even(n) return n == 0 or not even2(n - 1) end
function even2(n) return n == 0 or not even(n - 1) end

down(3)
even(3)
