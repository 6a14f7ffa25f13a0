# A whole collection begins and ends, and says how much it has freed.
program = true
def begins; end
def ends; end
def garbage(n)
  n.times { Object.new }
end
GC.generational_mode = false
GC.start
GC.disable
garbage(5000)
GC.enable
begins
GC.start
GC.start
ends
GC.generational_mode = true
garbage(30000)
puts "done"
