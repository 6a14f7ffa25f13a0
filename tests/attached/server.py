# SPDX-License-Identifier: MIT
"""A server that answers each line with its number of words."""
import socketserver
import sys
import threading

served = 0
lock = threading.Lock()


def answer(line):
    return len(line.split())


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        global served
        for line in self.rfile:
            self.wfile.write(b'%d\n' % answer(line))
            with lock:
                served += 1


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 100


with Server(('127.0.0.1', 0), Handler) as server:
    print('ready', server.server_address[1], flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown())).start()
    server.serve_forever(poll_interval=0.05)
print('served', served)
