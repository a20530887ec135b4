"""A webhook receiver of the worst kind, for Benchmarks/webhooks/run.

usage: receiver.py PORT LOG KEYS      KEYS: the API's answer to GET /v1/webhooks/public-keys, as a file

It refuses a third of what it gets (500, 503 with Retry-After, a redirect, or no answer at all), is slow in spells, and now and
then answers only after the sender has given up. Every request is checked as a receiver should: algorithm, age, and the ECDSA
signature by the published keys; LOG gets a line for each, written before the answer is sent: event, attempt, verdict, answer.
"""

import base64
import http.server
import json
import random
import sys
import threading
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

# Seconds: what a sender waits for an answer, and how old a signature may be.
SENDER_TIMEOUT = 10
GREATEST_AGE = 300
REFUSALS = ("500", "503", "302", "hang up")


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    keys: dict = {}
    log = None
    lock = threading.Lock()
    count = 0

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        verdict = self.verdict(body)
        with self.lock:
            Receiver.count += 1
            number = Receiver.count
        pause = random.uniform(0, 0.01)
        if number % 1500 < 100:  # a slow spell
            pause = random.uniform(0.2, 1.0)
        if number % 1250 == 0:  # too slow: the sender is gone by then
            pause = SENDER_TIMEOUT + 1
        time.sleep(pause)
        answer = random.choice(REFUSALS) if random.random() < 1 / 3 else "200"
        event = json.loads(body)
        line = {
            "event": event["id"], "type": event["eventType"], "attempt": event["attemptCount"], "verdict": verdict, "answer": answer,
            "tooLate": pause > SENDER_TIMEOUT, "at": time.time(),
        }
        with self.lock:
            self.log.write(json.dumps(line) + "\n")
            self.log.flush()
        self.answer(answer)

    def verdict(self, body: bytes) -> str:
        """`valid`, or what is wrong with the signature."""
        if self.headers["X-Pixop-Algorithm"] != "SHA256withECDSA":
            return "other algorithm"
        key = self.keys.get(self.headers["X-Pixop-Public-Key-Id"])
        if key is None:
            return "unknown key"
        timestamp = self.headers["X-Pixop-Timestamp"]
        if abs(time.time() - int(timestamp)) > GREATEST_AGE:
            return "too old"
        signature = base64.b64decode(self.headers["X-Pixop-Signature"], validate=True)
        try:
            key.verify(signature, timestamp.encode() + b"." + body, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return "wrong signature"
        return "valid"

    def answer(self, answer: str) -> None:
        try:
            if answer == "hang up":
                self.close_connection = True
                return
            self.send_response(int(answer))
            if answer == "503":
                self.send_header("Retry-After", "2")
            if answer == "302":
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()
        except OSError:
            self.close_connection = True  # the sender has given up

    def log_message(self, *_: object) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Senders that were killed leave broken connections."""


def main() -> None:
    port, log, keys = sys.argv[1:4]
    with open(keys) as file:
        for key in json.load(file):
            public = serialization.load_der_public_key(base64.b64decode(key["publicKey"]))
            assert isinstance(public.curve, ec.SECP256R1), "the contract's curve is P-256"
            Receiver.keys[key["id"]] = public
    Receiver.log = open(log, "a")
    Server(("127.0.0.1", int(port)), Receiver).serve_forever()


if __name__ == "__main__":
    main()
