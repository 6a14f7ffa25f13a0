# Names of functions without one, with other characters, and of eval.
def größe
end
größe
[1].each { }
class Shop
  [2].each { }
end
def +(other)
end
self + 1
eval("def evaluated; end; evaluated")
Object.new.instance_eval do
  def single; end
  single
end
define = Class.new { define_method("two words") { } }
define.new.send("two words")
long = "x" * 300
Object.define_method(long) { } rescue Object.class_eval { define_method(long) { } }
send(long)
