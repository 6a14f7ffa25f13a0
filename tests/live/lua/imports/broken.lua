require("inner")
error("this module fails")
