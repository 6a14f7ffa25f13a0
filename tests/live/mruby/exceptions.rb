# Errors, break, a return from a block, ensure: each ends what it passes.
class Bad < StandardError
end
def deep(n)
  raise Bad, "deep" if n == 0
  deep(n - 1)
end
def ensured
  yield
ensure
  cleanup
end
def cleanup
end
def catches
  deep(2)
rescue Bad => e
  e.message
end
puts catches
begin
  ensured { deep(1) }
rescue Bad
end
def find(list)
  list.each { |x| return x if x > 1 }
  nil
end
puts find([1, 2, 3])
[1, 2, 3].each { |x| break if x == 2 }
ensured { [1, 2].each { break } }
def nested
  ensured { [1].each { ensured { return 5 } } }
end
puts nested
def retries
  n = 0
  begin
    n += 1
    raise Bad if n < 3
    n
  rescue Bad
    retry
  end
end
puts retries
begin
  lambda { |x| x }.call
rescue ArgumentError => e
  puts e.message
end
begin
  nil.missing
rescue NoMethodError => e
  puts e.message
end
begin
  [2, 1].sort { raise Bad, "in sort" }
rescue Bad => e
  puts e.message
end
begin
  eval("deep(1)")
rescue Bad => e
  puts e.message
end
