# Methods, blocks, classes, procs, and what takes a frame of another's.
class Animal
  def initialize(name)
    @name = name
  end
  def speak
    "..."
  end
end
class Dog < Animal
  def initialize(name)
    super
  end
  def speak
    super + "woof"
  end
  def method_missing(name, *rest)
    name.to_s
  end
end
rex = Dog.new("rex")
rex.speak
rex.unknown
rex.send(:speak)
rex.instance_eval { @name }
Dog.class_eval { def extra; 1; end }
rex.extra
add = Proc.new { |x| x + 1 }
add.call(1)
add.(2)
double = lambda { |x| return x * 2 }
double.call(3)
def given
  yield 1
end
given { |x| x }
given(&double)
def packed(*all, **named, &block)
  block.call(*all)
end
packed(1, 2) { |x, y| x + y }
class Dog
  define_method(:made) { |x| x }
end
rex.made(1)
[2, 1].sort { |x, y| x <=> y }
puts [1, 2].map(&double).inspect
