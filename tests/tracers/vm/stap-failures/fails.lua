io.stderr:write("the program's own words\n")
os.exit(7)
