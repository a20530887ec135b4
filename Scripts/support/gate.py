"""Carries TCP connections to a port of this machine, and stops carrying what clients send after so many bytes.

usage: gate.py PORT BYTES   (prints the port it listens on; SIGUSR1 opens the gate for good)

What a test wants to see in the middle of a transfer is then there for as long as it looks.
"""

import signal
import socket
import sys
import threading


class Gate:
    """Counts what has passed; beyond the limit a sender waits until the gate is opened."""

    def __init__(self, limit: int) -> None:
        self.left = limit
        self.lock = threading.Lock()
        self.opened = threading.Event()

    def pass_through(self, count: int) -> None:
        with self.lock:
            self.left -= count
            is_shut = self.left < 0
        if is_shut:
            self.opened.wait()


def carry(source: socket.socket, target: socket.socket, gate: Gate | None) -> None:
    """Copy one direction to its end; a side that breaks ends both."""
    try:
        while chunk := source.recv(1 << 16):
            if gate:
                gate.pass_through(len(chunk))
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        for side in (source, target):
            side.close()


def main() -> None:
    port, limit = int(sys.argv[1]), int(sys.argv[2])
    gate = Gate(limit)
    signal.signal(signal.SIGUSR1, lambda *_: gate.opened.set())
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        client, _ = listener.accept()
        server = socket.create_connection(("127.0.0.1", port))
        for pair in ((client, server, gate), (server, client, None)):
            threading.Thread(target=carry, args=pair, daemon=True).start()


if __name__ == "__main__":
    main()
