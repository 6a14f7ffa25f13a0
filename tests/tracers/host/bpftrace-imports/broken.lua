require("quick")
require("absent")
