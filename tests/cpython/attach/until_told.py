"""Work until SIGTERM comes."""
import signal

on = True

def stop(number, frame):
    global on
    on = False

signal.signal(signal.SIGTERM, stop)
