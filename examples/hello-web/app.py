"""hello-web: a small web app for a MicroVM. It needs nothing but Python 3.9.

- ``GET /`` a greeting, ``GET /about`` a page from a file
- ``GET /items`` a list kept in memory, ``POST /items`` adds to it (JSON)
- ``GET /echo`` with an upgrade: a WebSocket that sends back what it gets
- ``POST /aws/lambda-microvms/runtime/v1/...`` the platform's lifecycle hooks, all answered with 200

It listens on port 8080 of every address, as the service needs it, unless ``PORT`` and ``HOST`` say otherwise.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HOOKS = "/aws/lambda-microvms/runtime/v1/"
MAX_BODY = 1 << 20
MAX_ITEMS = 1000
# RFC 6455: what a handshake's key is hashed with, and the kinds of frames.
WEBSOCKET_KEY = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CLOSE, PING, PONG = 8, 9, 10

items: list[object] = []
lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    server_version = "hello-web"
    timeout = 120

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/":
            self.answer(200, os.environ.get("GREETING", "Hello") + "\n")
        elif path == "/about":
            self.answer(200, (Path(__file__).parent / "pages" / "about.txt").read_text())
        elif path == "/items":
            with lock:
                self.answer(200, json.dumps({"items": items}) + "\n", "application/json")
        elif path == "/echo":
            self.echo()
        else:
            self.answer(404, "not found\n")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            self.close_connection = True
            self.answer(413, "the body is too long\n")
            return
        body = self.rfile.read(int(length))
        if self.path.startswith(HOOKS):
            self.answer(200, "ok\n")
        elif self.path == "/items":
            self.add_item(body)
        else:
            self.answer(404, "not found\n")

    def add_item(self, body: bytes) -> None:
        try:
            item = json.loads(body)
        except ValueError:
            self.answer(400, "the body must be JSON\n")
            return
        with lock:
            items.append(item)
            del items[:-MAX_ITEMS]
            self.answer(201, json.dumps({"count": len(items)}) + "\n", "application/json")

    def answer(self, status: int, text: str, kind: str = "text/plain; charset=utf-8") -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def echo(self) -> None:
        """Upgrade to a WebSocket and send back every message until the client closes."""
        key = self.headers.get("Sec-WebSocket-Key")
        if not key or self.headers.get("Upgrade", "").lower() != "websocket":
            self.answer(426, "this is a WebSocket\n")
            return
        accept = base64.b64encode(hashlib.sha1((key + WEBSOCKET_KEY).encode()).digest())  # noqa: S324
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept.decode())
        self.end_headers()
        self.close_connection = True
        while self.echo_frame():
            continue

    def echo_frame(self) -> bool:
        """Read one frame and answer it; false after the last one."""
        head = self.rfile.read(2)
        if len(head) < 2:
            return False
        kind, length = head[0] & 15, head[1] & 127
        if length == 126:
            (length,) = struct.unpack("!H", self.rfile.read(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self.rfile.read(8))
        if length > MAX_BODY:
            return False
        mask = self.rfile.read(4)
        data = bytes(byte ^ mask[at % 4] for at, byte in enumerate(self.rfile.read(length)))
        self.send_frame(head[0] & 0xF0 | (PONG if kind == PING else kind), data)
        return kind != CLOSE

    def send_frame(self, first: int, data: bytes) -> None:
        if len(data) < 126:
            length = bytes([len(data)])
        elif len(data) < 1 << 16:
            length = struct.pack("!BH", 126, len(data))
        else:
            length = struct.pack("!BQ", 127, len(data))
        self.wfile.write(bytes([first]) + length + data)

    def log_message(self, text: str, *values: object) -> None:
        sys.stdout.write(text % values + "\n")
        sys.stdout.flush()


def main() -> None:
    port = int(os.environ.get("PORT", "8080"))
    host = os.environ.get("HOST", "0.0.0.0")  # noqa: S104 - inside a MicroVM only its proxy reaches it
    with ThreadingHTTPServer((host, port), Handler) as server:
        server.daemon_threads = True
        sys.stdout.write(f"hello-web listens on {port}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
