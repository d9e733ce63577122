"""A loopback HTTP server whose answers a test writes down: for what a sound cloud never answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from mvm_tui.aws.session import Connection, Target
from mvm_tui.model.clock import SystemClock


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; a body that is no bytes is sent as JSON."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def error(status: int, code: str, message: str | None = None, **headers: str) -> Answer:
    """An error in the service's form."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer({"message": message}, status, {"X-Amzn-Errortype": code, **named})


Script = Callable[[Asked], Answer]


class Scripted:
    """The running server: its endpoint, and what it was asked."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.asked: list[Asked] = []

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self, host: str = "127.0.0.1") -> Connection:
        target = Target(
            region="us-east-1",
            endpoint_url=f"http://{host}:{self.port}",
            access_key="LOCALEXAMPLE",
            secret_key="not-a-secret",
        )
        return Connection.open(target, SystemClock())


@contextmanager
def scripted(script: Script) -> Iterator[Scripted]:
    """Serve the script's answers while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(self.command, parts.path, query, dict(self.headers.items()), body)
            served.asked.append(asked)
            answer = script(asked)
            payload = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            headers = {"Content-Type": "application/json", "x-amzn-RequestId": "request-1", **answer.headers}
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)
            if "Content-Length" in headers:
                self.close_connection = True

        do_GET = do_HEAD = do_POST = do_DELETE = do_PUT = do  # noqa: N815 - the names that http.server looks for

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Tests speak for themselves."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served = Scripted(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()
