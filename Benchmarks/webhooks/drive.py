"""Drives Benchmarks/webhooks/run: makes the events, kills receiver and server, and compares what was sent with what arrived.

usage: drive.py REMASTER EVENTS
"""

import collections
import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).parent
# An import that is ingested and deleted: started and done of both, and the deletion.
EVENTS_PER_VIDEO = 5
EVENT_TYPES = [f"{group}.{step}" for group in ("video_in", "video_in_ingestion") for step in ("started", "done", "failed")]
EVENT_TYPES += ["video.deleted"]
# Seconds without a receiver each time it is killed, and how often it is: after this many requests.
AWAY = 3
REQUESTS_BETWEEN_KILLS = 2500
# The end of the wait for stragglers, in seconds from the last change.
PATIENCE = 3 * 3600


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """The product, on one data directory and one port; it may be killed and started again."""

    def __init__(self, binary: str, folder: pathlib.Path):
        self.binary, self.data, self.port = binary, folder / "data", free_port()
        self.output = folder / "server"
        self.key = ""
        self.process = None

    def start(self) -> None:
        environment = os.environ | {
            "REMASTER_ALLOW_PRIVATE_NETWORKS": "1", "REMASTER_RATE_LIMIT_PER_MINUTE": "1000000", "REMASTER_WORKERS": "4",
        }
        with open(self.output, "w") as output, open(f"{self.output}.log", "a") as log:
            self.process = subprocess.Popen(
                [self.binary, "serve", "--data-directory", self.data, "--host", "127.0.0.1", "--port", str(self.port)],
                stdout=output, stderr=log, env=environment)
        until(lambda: "ready" in self.output.read_text() or self.process.poll() is not None, 120)
        if self.process.poll() is not None:
            sys.exit(pathlib.Path(f"{self.output}.log").read_text())

    def make_account(self) -> None:
        made = subprocess.run(
            [self.binary, "account", "create", "--data-directory", self.data, "--email", "w@example.com", "--password",
             "correct horse battery staple", "--team", "Webhooks", "--json"], check=True, capture_output=True)
        self.key = json.loads(made.stdout)["apiKey"]

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def call(self, method: str, path: str, body: object = None, headers: dict | None = None) -> tuple[int, object]:
        """Asks until there is an answer: the server may be away."""
        while True:
            try:
                return self.ask(method, path, body, headers)
            except (OSError, http.client.HTTPException):
                time.sleep(0.2)

    def ask(self, method: str, path: str, body: object = None, headers: dict | None = None) -> tuple[int, object]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
            connection.request(method, f"/api{path}", raw, {"X-API-Key": self.key} | (headers or {}))
            answer = connection.getresponse()
            content = answer.read()
            return answer.status, json.loads(content) if content else None

    def pages(self, path: str):
        number = 0
        while True:
            _, page = self.call("GET", f"{path}{'&' if '?' in path else '?'}pageSize=100&pageNumber={number}")
            yield from page["items"]
            number += 1
            if number >= page["totalPages"]:
                return


class Receiver:
    """The receiver's process and what it wrote down."""

    def __init__(self, folder: pathlib.Path):
        self.port, self.log, self.keys = free_port(), folder / "received", folder / "keys.json"
        self.log.touch()
        self.process = None
        self.restarts = 0

    def start(self) -> None:
        self.process = subprocess.Popen([sys.executable, HERE / "receiver.py", str(self.port), self.log, self.keys])

    def lines(self) -> list[dict]:
        # A kill may have cut the last line of a life short.
        found = []
        for line in self.log.read_text().splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                found.append(json.loads(line))
        return found

    def restart_now_and_then(self, done: threading.Event) -> None:
        seen = 0
        while not done.wait(0.5):
            size = sum(1 for _ in open(self.log, "rb"))
            if size - seen >= REQUESTS_BETWEEN_KILLS:
                seen = size
                self.process.kill()
                self.process.wait()
                time.sleep(AWAY)
                self.start()
                self.restarts += 1
                print(f"  receiver killed and started again after {size} requests", flush=True)


def until(condition, seconds: float, every: float = 0.1) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit("It took too long.")
        time.sleep(every)


def clip(folder: pathlib.Path) -> bytes:
    path = folder / "clip.mp4"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=64x64:rate=5:duration=1", "-pix_fmt", "yuv420p", path], check=True)
    return path.read_bytes()


def bring_in(server: Server, content: bytes, number: int) -> str | None:
    """One small file through the API; None when the server died over it."""
    try:
        status, upload = server.ask("POST", "/v1/uploads", {"name": f"Clip {number}", "fileName": "clip.mp4", "size": len(content)})
        if status != 201:
            sys.exit(f"POST /v1/uploads answered {status}: {upload}")
        status, answer = server.ask("PATCH", f"/v1/uploads/{upload['id']}", content, {"Upload-Offset": "0"})
        if status != 202:
            sys.exit(f"PATCH /v1/uploads answered {status}: {answer}")
        return upload["id"]
    except (OSError, http.client.HTTPException):
        time.sleep(1)
        return None


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main() -> None:
    binary, wanted = sys.argv[1], int(sys.argv[2])
    folder = pathlib.Path(tempfile.mkdtemp(prefix="remaster-webhooks-"))
    folder.chmod(0o755)  # the private PostgreSQL runs as a user of its own
    random.seed(1)
    server, receiver = Server(binary, folder), Receiver(folder)
    done = threading.Event()
    try:
        server.start()
        server.make_account()
        status, webhook = server.call("POST", "/v1/webhooks", {
            "name": "Benchmark", "url": f"http://127.0.0.1:{receiver.port}/hook", "active": True, "rateLimitPerSecond": 1000,
            "maxTotalRetryDelayMinutes": 180, "eventTypes": EVENT_TYPES,
        })
        if status != 201:
            sys.exit(f"POST /v1/webhooks answered {status}: {webhook}")
        # A signing key exists once something was signed.
        server.call("POST", f"/v1/webhooks/{webhook['id']}/test")
        until(lambda: server.call("GET", "/v1/webhooks/public-keys")[1], 60)
        receiver.keys.write_text(json.dumps(server.call("GET", "/v1/webhooks/public-keys")[1]))
        receiver.start()
        threading.Thread(target=receiver.restart_now_and_then, args=(done,), daemon=True).start()
        began = time.monotonic()

        print(f"making {wanted} events ({folder})", flush=True)
        content = clip(folder)
        count = -(-wanted // EVENTS_PER_VIDEO)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            futures = [pool.submit(bring_in, server, content, number) for number in range(count)]
            for number, future in enumerate(futures):
                future.result()
                if number == count // 2:
                    server.kill()
                    server.start()
                    print(f"  server killed and started again after {number} imports", flush=True)
            lost = sum(future.result() is None for future in futures)
            for number in range(lost):
                bring_in(server, content, count + number)

            def all_ingested() -> bool:
                return all(video["flags"]["isIngested"] for video in server.pages("/v1/videos"))
            until(all_ingested, 1800, every=5)
            videos = [video["id"] for video in server.pages("/v1/videos")]
            list(pool.map(lambda video: server.call("DELETE", f"/v1/videos/{video}"), videos))
        made = time.monotonic() - began
        print(f"  {len(videos)} videos imported and deleted after {made:.0f} s; waiting for the stragglers", flush=True)

        def undecided() -> int:
            return sum(event.get("successful") is None for event in server.pages("/v1/webhooks/events?testMode=EXCLUDE&successfulMode=EXCLUDE"))
        until(lambda: undecided() == 0, PATIENCE, every=20)
        took = time.monotonic() - began
        events = list(server.pages("/v1/webhooks/events?testMode=EXCLUDE"))
        done.set()
    finally:
        done.set()
        for process in (server.process, receiver.process):
            if process and process.poll() is None:
                process.terminate()
                process.wait()
    report(events, receiver, took, made)
    shutil.rmtree(folder)  # kept for a look when the aim was missed


def report(events: list[dict], receiver: Receiver, took: float, made: float) -> None:
    lines = receiver.lines()
    of_events = {event["id"] for event in events}
    lines = [line for line in lines if line["event"] in of_events]  # less the test event
    accepted = collections.Counter(line["event"] for line in lines if line["answer"] == "200")
    verdicts = collections.Counter(line["verdict"] for line in lines)
    again = sum(times - 1 for times in accepted.values())
    too_late = sum(line["tooLate"] and line["answer"] == "200" for line in lines)
    attempts = [event["payload"]["attemptCount"] for event in events]
    missing = of_events - accepted.keys()
    given_up = [event for event in events if event.get("successful") is not True]
    first = min(line["at"] for line in lines)
    within = [line["at"] - first for line in lines]
    busiest = max(collections.Counter(int(at) for at in within).values())
    print(f"events: {len(events)}; given up: {len(given_up)}; never accepted by the receiver: {len(missing)}")
    print(f"requests received: {len(lines)}; refused by the receiver: {sum(line['answer'] != '200' for line in lines)}")
    print(f"signatures: {dict(verdicts)}")
    print(f"accepted more than once: {again} ({100 * again / len(events):.2f} % of the events); answers that came too late: {too_late}")
    print(f"attempts of an event: median {percentile(attempts, 0.5)}, 99th percentile {percentile(attempts, 0.99)}, most {max(attempts)}")
    print(f"receiver killed {receiver.restarts} times; server killed once")
    print(f"events made in {made:.0f} s; all decided after {took:.0f} s; most requests in a second: {busiest}")
    if len(events) < 1 or missing or given_up or set(verdicts) != {"valid"}:
        sys.exit("The aim was missed.")


if __name__ == "__main__":
    main()
