local stop = os.clock() + .02
while os.clock() < stop do end
