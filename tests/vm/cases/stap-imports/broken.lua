require "fine"
error("on purpose")
