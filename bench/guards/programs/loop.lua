local function loop(n)
  local i, sum = 0, 0
  while i < n do
    sum = (sum + i) & 255
    i = i + 1
  end
  return sum
end
