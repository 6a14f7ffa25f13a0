# An error that nothing catches returns from all, also out of a fiber.
def outer
  inner
end
def inner
  raise "uncaught"
end
Fiber.new { [1].each { outer } }.resume
