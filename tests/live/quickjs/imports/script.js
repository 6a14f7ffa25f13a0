print("a script");
