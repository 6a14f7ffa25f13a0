def loop(n):
    i = total = 0
    while i < n:
        total = (total + i) & 255
        i += 1
    return total
