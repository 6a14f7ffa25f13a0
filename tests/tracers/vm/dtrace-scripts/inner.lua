local stop = os.clock() + 0.04
while os.clock() < stop do end
