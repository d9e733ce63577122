"""A small web app, as one would put it into a MicroVM.

- ``/`` a greeting, ``/items`` a list kept in memory (GET, POST)
- ``/rand`` a random sequence that is the same for every MicroVM of one snapshot, because its seed is in it
- ``/clock`` wall time, and active seconds, which stand still while the MicroVM is suspended

It answers the platform's lifecycle hooks on the same port and logs each request. It listens on loopback at
``PORT``; ``SNAPSHOT_ID`` names the snapshot until a run hook does.
"""

from __future__ import annotations

import json
import os
import random
import socket
import sys
import threading
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, BinaryIO

HOOKS = "/aws/lambda-microvms/runtime/v1/"
REASONS = {200: "OK", 201: "Created", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed"}
TICK_SECONDS = 0.25
IDLE_CONNECTION_SECONDS = 60.0
MAX_BODY = 1 << 20
MAX_HEADERS = 100
MAX_LINE = 16384
MAX_ITEMS = 1000
TLS_HANDSHAKE = 0x16


class BadRequestError(Exception):
    """What came is no request that this app can read."""


class App:
    """What the app remembers, and its answer to each path."""

    def __init__(self, snapshot: str) -> None:
        self._lock = threading.Lock()
        self._started = time.time()
        self._active = 0.0
        self._items: list[Any] = []
        self._microvm = ""
        self._load_snapshot(snapshot)

    def tick(self) -> None:
        """Count active time: a suspended process ticks not, and the gap it leaves is not counted."""
        last = time.monotonic()
        while True:
            time.sleep(TICK_SECONDS)
            now = time.monotonic()
            self._active += min(now - last, 2 * TICK_SECONDS)
            last = now

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        """Status and answer of one request; an answer that is no text is sent as JSON."""
        if path.startswith(HOOKS):
            return self._hook(path.removeprefix(HOOKS), body) if method == "POST" else (405, "POST only\n")
        route = self._routes().get(path)
        if route is None:
            return 404, "not found\n"
        answer = route.get(method)
        return answer(body) if answer else (405, "method not allowed\n")

    def _routes(self) -> dict[str, dict[str, Callable[[bytes], tuple[int, Any]]]]:
        return {
            "/": {"GET": self._greeting, "HEAD": self._greeting},
            "/items": {"GET": self._list_items, "POST": self._add_item},
            "/rand": {"GET": self._next_random},
            "/clock": {"GET": self._clock},
        }

    def _greeting(self, _body: bytes) -> tuple[int, str]:
        return 200, f"Hello from {self._microvm or 'a MicroVM'}\n"

    def _list_items(self, _body: bytes) -> tuple[int, Any]:
        with self._lock:
            return 200, {"items": list(self._items)}

    def _add_item(self, body: bytes) -> tuple[int, Any]:
        try:
            item = json.loads(body)
        except (ValueError, RecursionError):
            return 400, "the body must be JSON\n"
        with self._lock:
            self._items = [*self._items, item][-MAX_ITEMS:]
            return 201, {"count": len(self._items), "item": item}

    def _next_random(self, _body: bytes) -> tuple[int, Any]:
        with self._lock:
            self._drawn += 1
            return 200, {"snapshot": self._snapshot, "n": self._drawn, "value": self._random.random()}

    def _clock(self, _body: bytes) -> tuple[int, Any]:
        now = time.time()
        wall = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
        return 200, {
            "wall": wall,
            "since_start_seconds": round(now - self._started, 2),
            "active_seconds": round(self._active, 2),
        }

    def _hook(self, name: str, body: bytes) -> tuple[int, str]:
        text = body.decode("utf-8", "replace")
        log(f"{name} hook: {text}" if text else f"{name} hook")
        if name == "run":
            try:
                told = dict(json.loads(body))
            except (ValueError, TypeError, RecursionError):
                return 400, "the body must be a JSON object\n"
            self._microvm = str(told.get("microvmId", ""))
            if "bootId" in told:
                self._load_snapshot(str(told["bootId"]))
        return 200, "ok\n"

    def _load_snapshot(self, snapshot: str) -> None:
        with self._lock:
            self._snapshot = snapshot
            self._drawn = 0
            self._random = random.Random(snapshot)  # noqa: S311 - meant to be the same everywhere


def serve(app: App, port: int) -> None:
    """Answer on loopback for ever, one thread per connection."""
    with socket.create_server(("127.0.0.1", port), backlog=64) as server:
        log(f"hello-web listens on {port}")
        while True:
            connection, _ = server.accept()
            threading.Thread(target=_converse, args=(app, connection), daemon=True).start()


def _converse(app: App, connection: socket.socket) -> None:
    with connection, connection.makefile("rb") as stream:
        connection.settimeout(IDLE_CONNECTION_SECONDS)
        try:
            connection.sendall(_exchange(app, stream))
        except BadRequestError as error:
            log(f"400 {error}")
            connection.sendall(_response(400, f"{error}\n"))
        except OSError:
            # The other side has gone or says nothing: there is nobody left to tell.
            return


def _exchange(app: App, stream: BinaryIO) -> bytes:
    """Read one request, log it, and return its answer; nothing for a connection that said nothing."""
    first = stream.readline(MAX_LINE)
    if not first:
        return b""
    if first[0] == TLS_HANDSHAKE:
        raise BadRequestError("this port speaks plain HTTP")
    parts = first.decode("latin-1").split()
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise BadRequestError("not an HTTP request")
    headers = _read_headers(stream)
    body = _read_body(stream, headers)
    started = time.monotonic()
    status, answer = app.answer(parts[0], parts[1].partition("?")[0], body)
    if not parts[1].startswith(HOOKS):
        log(f"{parts[0]} {parts[1]} {status} {(time.monotonic() - started) * 1000:.0f}ms")
    return _response(status, answer, with_body=parts[0] != "HEAD")


def _read_headers(stream: BinaryIO) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(MAX_HEADERS):
        line = stream.readline(MAX_LINE).decode("latin-1").strip()
        if not line:
            return headers
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    raise BadRequestError("too many headers")


def _read_body(stream: BinaryIO, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return _read_chunks(stream)
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > MAX_BODY:
        raise BadRequestError("the body is too large or its length is wrong")
    return stream.read(int(length))


def _read_chunks(stream: BinaryIO) -> bytes:
    body = b""
    while True:
        try:
            size = int(stream.readline(MAX_LINE).split(b";")[0], 16)
        except ValueError:
            raise BadRequestError("a chunk has no size") from None
        if size < 0 or len(body) + size > MAX_BODY:
            raise BadRequestError("the body is too large or its length is wrong")
        body += stream.read(size)
        stream.readline(MAX_LINE)
        if size == 0:
            return body


def _response(status: int, answer: Any, *, with_body: bool = True) -> bytes:
    is_text = isinstance(answer, str)
    body = (answer if is_text else json.dumps(answer) + "\n").encode()
    kind = "text/plain; charset=utf-8" if is_text else "application/json"
    head = (
        f"HTTP/1.1 {status} {REASONS[status]}\r\nServer: hello-web\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + (body if with_body else b"")


def log(line: str) -> None:
    """One line of the MicroVM's log, whole even among threads."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    app = App(os.environ.get("SNAPSHOT_ID", "hello-web"))
    threading.Thread(target=app.tick, daemon=True).start()
    serve(app, int(os.environ.get("PORT", "8080")))


if __name__ == "__main__":
    main()
