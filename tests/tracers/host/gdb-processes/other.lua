function work(who) print(who) end
work("another")
