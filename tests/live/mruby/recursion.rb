# The end of the stack returns from each function: here a place is a line.
program = true
def says() program = 1 end
def recurse(n)
  says if n == 50; recurse(n + 1)
end
begin
  recurse(0)
rescue SystemStackError => e
  puts e.message
end
says
