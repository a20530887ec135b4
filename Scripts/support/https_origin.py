"""Serves one folder over HTTPS on loopback, with single byte ranges: a stand-in for the web server a source lies on.

usage: https_origin.py FOLDER CERTIFICATE KEY   (prints the port it listens on)

The query `?fault=whole` makes it ignore ranges; `?fault=cut` makes it close every connection at the middle of the file;
`?fault=drip` makes it send a byte a second.
"""

import functools
import http.server
import os
import re
import ssl
import sys
import time
import urllib.parse


class RangeHandler(http.server.SimpleHTTPRequestHandler):
    """Files with `Accept-Ranges`, a strong validator and 206 answers."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.answer(body=True)

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def answer(self, body: bool) -> None:
        path = self.translate_path(self.path)
        fault = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query).get("fault", [""])[0]
        if not os.path.isfile(path):
            self.send_error(404)
            return
        facts = os.stat(path)
        first, last, status = 0, facts.st_size - 1, 200
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if asked and fault != "whole":
            first = int(asked[1])
            last = min(int(asked[2] or last), last)
            status = 206
            if first > last:
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{facts.st_size}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
        self.send_response(status)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"')
        self.send_header("Last-Modified", self.date_time_string(int(facts.st_mtime)))
        self.send_header("Content-Length", str(last - first + 1))
        if status == 206:
            self.send_header("Content-Range", f"bytes {first}-{last}/{facts.st_size}")
        self.end_headers()
        if body:
            with open(path, "rb") as file:
                file.seek(first)
                remaining = last - first + 1
                if fault == "cut" and last >= facts.st_size // 2:
                    remaining = max(0, facts.st_size // 2 - first)
                    self.close_connection = True
                while remaining > 0:
                    if fault == "drip":
                        time.sleep(1)
                    chunk = file.read(1 if fault == "drip" else min(remaining, 1 << 20))
                    if not chunk:
                        return
                    self.wfile.write(chunk)
                    remaining -= len(chunk)

    def log_message(self, *_: object) -> None:
        pass


def main() -> None:
    folder, certificate, key = sys.argv[1:4]
    handler = functools.partial(RangeHandler, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
