-- The arguments of audit events as text.

load("return 1")
pcall(require, "nowhere.at.all")
os.remove("no such\nfile")
os.rename("no such file", "nor \"this\" one")
