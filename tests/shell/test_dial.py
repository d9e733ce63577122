"""TLS for every other machine, trusted or not at all; plain connections to this one only."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

from mvm_tui.model.endpoint import Endpoint
from mvm_tui.model.errors import Unreachable
from mvm_tui.shell import dial as dialling
from mvm_tui.shell.dial import dial
from mvm_tui.shell.protocol import Form
from tests.shell.servers import token

# Signed by itself for vm.test, made for these tests and of no use elsewhere.
CERTIFICATE = Path(__file__).parent / "certificate.pem"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@asynccontextmanager
async def secure_server() -> AsyncIterator[int]:
    """The port of an endpoint that speaks TLS as vm.test."""

    async def greet(connection: ServerConnection) -> None:
        await connection.send(str(connection.request and connection.request.headers["Host"]))
        await connection.wait_closed()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    context.set_alpn_protocols(["h2", "http/1.1"])
    async with serve(greet, "127.0.0.1", 0, ssl=context, compression=None, close_timeout=1) as listening:
        yield next(iter(listening.sockets)).getsockname()[1]


class _Here(Endpoint):
    """Another machine's endpoint, found on this one: as if the resolver said so."""

    __slots__ = ()

    @property
    def destination(self) -> str:
        return "127.0.0.1"


async def test_a_trusted_certificate_is_connected_to_over_http_1() -> None:
    async with secure_server() as port:
        socket, _ = await dial(_Here("vm.test", port, False), token("x"), [Form("/")], str(CERTIFICATE))
        assert await socket.recv() == f"vm.test:{port}"
        assert socket.transport.get_extra_info("ssl_object").selected_alpn_protocol() == "http/1.1"
        await socket.close()


@pytest.mark.parametrize(("host", "ca_file"), [("vm.test", ""), ("other.test", str(CERTIFICATE))])
async def test_what_is_not_trusted_gets_no_token(host: str, ca_file: str) -> None:
    async with secure_server() as port:
        with pytest.raises(Unreachable) as refused:
            await dial(_Here(host, port, False), token("secret-token"), [Form("/")], ca_file)
    assert "No trusted connection" in refused.value.what
    assert "AWS_CA_BUNDLE" in refused.value.fix
    assert "secret-token" not in str(refused.value)


async def test_a_bundle_that_is_not_there_is_named() -> None:
    with pytest.raises(Unreachable, match="none\\.pem: No such file"):
        await dial(_Here("vm.test", 9, False), token("x"), [Form("/")], "/nowhere/none.pem")


async def test_an_endpoint_that_does_not_answer_is_not_waited_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dialling, "OPEN_SECONDS", 0.2)

    async def silent(reader: object, writer: object) -> None:
        """Takes the request and says nothing."""

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(Unreachable, match="Nothing was answered in"):
        await dial(Endpoint("127.0.0.1", port, True), token("x"), [Form("/")])
    server.close()


async def test_nothing_listens() -> None:
    with pytest.raises(Unreachable) as refused:
        await dial(Endpoint.of("vm.localhost:9"), token("x"), [Form("/")])
    assert "refused" in refused.value.why.lower()
