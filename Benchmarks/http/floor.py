#!/usr/bin/env python3
"""The least that a download can cost: sends a file over a loopback socket with nothing but sendfile(2).

    floor.py FILE ROUNDS

Prints the median CPU milliseconds of this process a download. The reader is curl, as in the comparison it stands beside.
"""

import os
import resource
import socket
import statistics
import subprocess
import sys

path, rounds = sys.argv[1], int(sys.argv[2])
size = os.path.getsize(path)
listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


costs = []
with open(path, "rb") as file:
    for _ in range(rounds):
        reader = subprocess.Popen(["curl", "-fsS", "-o", "/dev/null", f"http://127.0.0.1:{port}/"])
        connection, _ = listener.accept()
        connection.recv(65536)
        before = cpu()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % size)
        offset = 0
        while offset < size:
            offset += os.sendfile(connection.fileno(), file.fileno(), offset, size - offset)
        costs.append(1000 * (cpu() - before))
        connection.close()
        reader.wait()
print(f"{statistics.median(costs):.0f}")
