require("tables")
return {}
