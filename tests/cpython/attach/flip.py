# flip.py IMAGE PID SECONDS: as if tracers came to the process and went away all
# the time, in any combination: sets the semaphores of IMAGE in its memory.
import os
import random
import subprocess
import sys
import time

image, pid, seconds = sys.argv[1:]
with open(f"/proc/{pid}/maps") as maps:
    base = next(int(line.split("-")[0], 16) for line in maps
                if line.endswith(f" {image}\n"))
sections = subprocess.check_output(["readelf", "-SW", image], text=True)
probes = next(line.split("]")[1].split() for line in sections.splitlines()
              if " .probes " in line)
address, size = base + int(probes[2], 16), int(probes[4], 16)
memory = os.open(f"/proc/{pid}/mem", os.O_RDWR)
end = time.monotonic() + float(seconds)
while time.monotonic() < end:
    each = random.choice([[0], [1], [0, 1]])
    semaphores = [random.choice(each) for i in range(size // 2)]
    os.pwrite(memory, b"".join(n.to_bytes(2, sys.byteorder)
                               for n in semaphores), address)
    time.sleep(random.choice([0, 0, 0.0001, 0.001]))
os.pwrite(memory, bytes(size), address)
