os.execute("true")
io.open("nowhere")
load("return 1")
os.exit(7)
