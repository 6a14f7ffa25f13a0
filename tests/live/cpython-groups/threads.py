# Threads, one after the other: by threading, a subclass, and without it.
import _thread
import threading


class Worker(threading.Thread):
    def run(self):
        raise SystemExit

    def __getattribute__(self, name):
        if name == "_name" and threading.current_thread() is not main:
            print("code of the program ran for the marker")
        return super().__getattribute__(name)


main = threading.current_thread()


def started(thread):
    thread.start()
    thread.join()


started(threading.Thread(target=print, args=("in it",), name="worker"))
started(threading.Thread(target=int, name="Zo\u00eb", daemon=True))
started(Worker())
done = _thread.allocate_lock()
done.acquire()
_thread.start_joinable_thread(done.release).join()
