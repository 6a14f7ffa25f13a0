local inner = require("inner")
return {inner}
