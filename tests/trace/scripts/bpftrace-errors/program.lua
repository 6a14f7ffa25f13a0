print("runs")
