# A fiber that waits has returned, and enters again when it goes on.
def item(x)
  Fiber.yield x
end
def items
  [1, 2].each { |x| item(x) }
  :last
end
fiber = Fiber.new { items }
3.times { puts fiber.resume }
begin
  fiber.resume
rescue FiberError => e
  puts e.message
end
fails = Fiber.new { item(1); raise "in a fiber" }
fails.resume
begin
  fails.resume
rescue => e
  puts e.message
end
outer = Fiber.new do
  inner = Fiber.new { item(3); 4 }
  item(inner.resume)
  inner.resume
end
2.times { puts outer.resume }
dropped = Fiber.new { item(5) }
dropped.resume
dropped = nil
GC.start
second = nil
first = Fiber.new { second.transfer; :first }
second = Fiber.new { item(6); :second }
puts first.transfer
puts [1, 2].each.next
def after
end
after
