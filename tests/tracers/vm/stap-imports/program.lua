require "outer"
pcall(require, "broken")
pcall(require, "missing")
require "quits"
