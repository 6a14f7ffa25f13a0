# Two threads that each need the interpreter's lock all the time: it changes
# hands a hundred times.
import sys
import threading

sys.setswitchinterval(1e-5)
turn = threading.Condition()
count = 0


def count_up(mine):
    global count
    for _ in range(50):
        with turn:
            while count % 2 != mine:
                turn.wait()
            count += 1
            turn.notify()
    # Without a pause of its own: the other has to wait for the lock.
    for _ in range(300000):
        pass


threads = [threading.Thread(target=count_up, args=(n,)) for n in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(count)
