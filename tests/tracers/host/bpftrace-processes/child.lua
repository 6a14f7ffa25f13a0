print(os.execute(arg[-1] .. " calls.lua"))
