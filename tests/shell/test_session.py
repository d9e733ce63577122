"""Sessions over loopback, against endpoints that do what the service does or was said to do."""

from __future__ import annotations

import asyncio
import json
import logging
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from mvm_tui.shell.flow import CHUNK_BYTES, INBOX_BYTES
from mvm_tui.shell.refusals import ConnectionsUsedUp, NotReady, TokenRefused
from mvm_tui.shell.session import ShellOptions
from mvm_tui.shell.states import Closed, Connecting, End, NewShell, Open, Reconnecting
from tests.shell.servers import (
    Service,
    a_vm,
    attached,
    auth_of,
    echo_endpoint,
    endpoint,
    refusal,
)

# Control frames that nest, lie about their types, or are none.
_control = st.sampled_from(
    [
        '{"type":"session_init","session_id":[]}',
        '{"type":{}}',
        '{"type":"x"' + ',"a":' * 9,
        "[" * 3_000,
        "{" * 3_000,
    ]
)
RESIZE = '{"type":"resize","cols":100,"rows":30}'


async def test_a_shell_opens_tells_its_size_first_and_carries_bytes() -> None:
    async with echo_endpoint() as server, attached(Service(a_vm(server.endpoint))) as one:
        await one.until_open()
        assert one.session.state == Open(1, "5e55")
        assert one.session.send(b"\x00\xff ls\r")
        await one.until(lambda: one.output == b"\x00\xff ls\r")
        assert server.received[0] == RESIZE
        request = server.requests[0]
        assert request.path == "/shell"
        assert request.headers["Host"] == server.endpoint
        assert server.offers() == [
            ["lambda-microvms", "lambda-microvms.authentication.token-1", "lambda-microvms.port.8022"]
        ]
        assert [state.doing for state in one.states if isinstance(state, Connecting)] == [
            *("reading the MicroVM", "asking for a token", "connecting"),
        ]


@pytest.mark.parametrize("init", [None, '{"type":"session_init"}', '{"type":"session_init","session_id":7}'])
async def test_a_missing_or_odd_first_frame_is_no_trouble(init: str | None) -> None:
    async with echo_endpoint(init) as server, attached(Service(a_vm(server.endpoint))) as one:
        await one.until_open()
        assert one.session.state == Open(1, "")
        one.session.send(b"x")
        await one.until(lambda: one.output == b"x")


async def test_a_server_that_names_no_subprotocol_is_accepted() -> None:
    async with echo_endpoint() as server:
        server.echo = False
        async with attached(Service(a_vm(server.endpoint))) as one:
            await one.until_open()
            assert len(server.requests) == 1


async def test_a_server_that_chooses_what_was_not_offered_is_asked_by_headers() -> None:
    async with echo_endpoint() as server:
        server.chooses = "chat"
        async with attached(Service(a_vm(server.endpoint))) as one:
            await one.until_open()
            assert server.offers()[-1] == []
            assert server.requests[-1].headers["X-aws-proxy-auth"] == "token-1"


@given(st.lists(st.one_of(st.text(max_size=80), st.binary(max_size=80), _control), max_size=8))
@settings(max_examples=25)
def test_any_frames_are_borne(frames: list[str | bytes]) -> None:
    async def talk(connection: ServerConnection) -> None:
        for frame in frames:
            await connection.send(frame)
        await connection.close(1000)

    async def run() -> None:
        async with endpoint(talk) as server, attached(Service(a_vm(server.endpoint))) as one:
            assert await one.until_closed() == Closed(End.EXITED)
        data = [frame for frame in frames if isinstance(frame, bytes)]
        assert all(piece in one.output for piece in data)

    asyncio.run(run())


async def test_text_that_is_no_control_frame_is_terminal_data() -> None:
    async def talk(connection: ServerConnection) -> None:
        for text in ("λ $ ", '{"type":"news","x":1}', '{"kind":"data"}', "{broken", "[1]"):
            await connection.send(text)
        await connection.wait_closed()

    async with endpoint(talk) as server, attached(Service(a_vm(server.endpoint))) as one:
        await one.until(lambda: one.output == 'λ $ {"kind":"data"}{broken[1]'.encode())


async def test_exit_ends_the_session_for_good() -> None:
    async with echo_endpoint() as server, attached(Service(a_vm(server.endpoint))) as one:
        await one.until_open()
        one.session.send(b"exit\r")
        assert await one.until_closed() == Closed(End.EXITED)
        assert not one.session.send(b"more")
        assert len(server.requests) == 1


async def test_a_dropped_socket_gives_a_new_shell_within_two_seconds_and_says_so() -> None:
    async with echo_endpoint() as server, attached(Service(a_vm(server.endpoint))) as one:
        await one.until_open()
        one.session.send(b"before ")
        await one.until(lambda: one.output == b"before ")
        dropped = time.monotonic()
        server.connections[0].transport.abort()
        await one.until(lambda: isinstance(one.session.state, Reconnecting))
        assert not one.session.send(b"rm -rf /\r"), "typed while disconnected"
        await one.until_open(2)
        assert time.monotonic() - dropped < 2
        one.session.send(b"after")
        await one.until(lambda: one.output == b"before after")
        assert one.new_shells == [NewShell(2)]
        assert "new shell" in one.new_shells[0].text
        assert "tmux" in one.new_shells[0].text
        assert server.typed == b"before after"
        assert one.service.fresh == [False, True]
        assert [auth_of(request) for request in server.requests] == ["token-1", "token-2"]


async def test_what_was_typed_and_not_sent_is_dropped_with_the_connection() -> None:
    async def deaf(connection: ServerConnection) -> None:
        await connection.send('{"type":"session_init"}')
        assert await connection.recv() == RESIZE
        if len(server.connections) == 1:
            await connection.recv()
            connection.transport.abort()
        async for message in connection:
            server.received.append(message)

    async with endpoint(deaf) as server, attached(Service(a_vm(server.endpoint))) as one:
        await one.until_open()
        one.session.send(b"x" * 100_000)
        await one.until_open(2)
        one.session.send(b"y")
        await one.until(lambda: server.typed == b"y")


async def test_a_shell_that_drops_at_once_each_time_is_left_in_peace_ever_longer() -> None:
    async def flap(connection: ServerConnection) -> None:
        await connection.send('{"type":"session_init"}')
        await connection.recv()
        connection.transport.abort()

    async with endpoint(flap) as server, attached(Service(a_vm(server.endpoint))) as one:

        def waits() -> list[float]:
            return [state.wait for state in one.states if isinstance(state, Reconnecting) and state.wait]

        await one.until(lambda: len(waits()) == 4)
        assert waits()[0] < 0.25
        assert waits()[3] > 1


async def test_without_reconnection_a_drop_is_the_end() -> None:
    options = ShellOptions(watch_seconds=0, reconnect=False)
    async with echo_endpoint() as server, attached(Service(a_vm(server.endpoint)), options) as one:
        await one.until_open()
        one.session.send(b"drop\r")
        assert (await one.until_closed()).end is End.LOST
        assert len(server.requests) == 1


async def test_attempts_go_on_while_the_endpoint_is_away_and_can_be_hurried() -> None:
    async with echo_endpoint() as server, attached(Service(a_vm(server.endpoint))) as one:
        await one.until_open()
        server.refuse = lambda request: refusal(502, "MICROVM_CONNECT_FAILED")
        server.connections[0].transport.abort()
        await one.until(
            lambda: isinstance(one.session.state, Reconnecting) and one.session.state.attempt == 3
        )
        assert isinstance(one.session.state, Reconnecting)
        assert isinstance(one.session.state.problem, NotReady)
        server.refuse = lambda request: None
        while not isinstance(one.session.state, Open):
            one.session.retry_now()
            await asyncio.sleep(0.005)
        assert one.session.state.shell == 2


async def test_detaching_closes_the_socket_and_nothing_follows() -> None:
    async with echo_endpoint() as server:
        async with attached(Service(a_vm(server.endpoint))) as one:
            await one.until_open()
        assert one.session.state == Closed(End.DETACHED)
        await asyncio.wait_for(server.connections[0].wait_closed(), 5)
        assert server.connections[0].close_code == 1000
        assert len(server.requests) == 1


@pytest.mark.parametrize("wanted", ["/", "no port", "headers"])
async def test_other_forms_of_the_upgrade_are_tried_and_the_accepted_one_is_kept(wanted: str) -> None:
    def check(request: Request) -> Response | None:
        offered = request.headers.get("Sec-WebSocket-Protocol", "")
        fits = {
            "/": request.path == "/" and "port.8022" in offered,
            "no port": "authentication" in offered and "port.8022" not in offered,
            "headers": request.headers.get("X-aws-proxy-auth", "").startswith("token-"),
        }
        return None if fits[wanted] else refusal(404 if wanted == "/" else 400)

    async with echo_endpoint() as server:
        server.refuse = check
        async with attached(Service(a_vm(server.endpoint))) as one:
            await one.until_open()
            tried = len(server.requests)
            assert tried == {"/": 2, "no port": 3, "headers": 4}[wanted]
            server.connections[0].transport.abort()
            await one.until_open(2)
            assert len(server.requests) == tried + 1, "it began again with another form"


async def test_a_path_from_the_config_is_the_only_one() -> None:
    async with echo_endpoint() as server:
        server.refuse = lambda request: refusal(404)
        options = ShellOptions(path="/own", watch_seconds=0)
        async with attached(Service(a_vm(server.endpoint)), options) as one:
            closed = await one.until_closed()
            assert closed.end is End.REFUSED
            assert "shell.path" in str(closed.problem)
            assert {request.path for request in server.requests} == {"/own"}


async def test_a_token_that_is_refused_is_minted_anew_once() -> None:
    async with echo_endpoint() as server:
        server.refuse = lambda request: (
            None if auth_of(request) == "token-2" else refusal(403, "", "Token authentication failed")
        )
        async with attached(Service(a_vm(server.endpoint))) as one:
            await one.until_open()
            assert one.service.fresh == [False, True]
            assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("status", "error", "text", "kind", "said"),
    [
        (403, "UNAUTHORIZED", "Request missing authentication", TokenRefused, "token was not accepted"),
        (401, "", "", TokenRefused, "token was not accepted"),
        (429, "", "", ConnectionsUsedUp, "no connection left"),
        (502, "MICROVM_CONNECT_FAILED", "", NotReady, "cannot be reached"),
        (502, "APP_CONNECT_FAILED", "<html>bad gateway</html>", NotReady, "does not answer"),
    ],
)
async def test_refused_upgrades_are_explained(
    status: int, error: str, text: str, kind: type[Exception], said: str
) -> None:
    options = ShellOptions(watch_seconds=0, patience=0)
    async with echo_endpoint() as server:
        server.refuse = lambda request: refusal(status, error, text)
        async with attached(Service(a_vm(server.endpoint)), options) as one:
            closed = await one.until_closed()
    assert closed.end is End.REFUSED
    assert isinstance(closed.problem, kind)
    assert said in str(closed.problem)
    assert f"HTTP {status}" in str(closed.problem)
    assert "html" not in str(closed.problem)
    assert "token-" not in str(closed.problem)


async def test_the_line_on_attach_is_typed_once_into_each_shell() -> None:
    options = ShellOptions(on_attach="export TERM=xterm-256color\n", watch_seconds=0)
    async with echo_endpoint() as server, attached(Service(a_vm(server.endpoint)), options) as one:
        await one.until(lambda: server.typed == b"export TERM=xterm-256color\r")
        one.session.send(b"drop\r")
        await one.until_open(2)
        await one.until(lambda: server.typed.count(b"export") == 2)


async def test_resizes_in_a_row_are_sent_as_one() -> None:
    async with echo_endpoint() as server, attached(Service(a_vm(server.endpoint))) as one:
        await one.until_open()
        for cols in range(60, 90):
            one.session.resize(cols, 20)
        await one.until(lambda: len(server.control) == 2)
        assert json.loads(server.control[1]) == {"type": "resize", "cols": 89, "rows": 20}
        one.session.resize(0, 99_999)
        await one.until(lambda: len(server.control) == 3)
        assert json.loads(server.control[2]) == {"type": "resize", "cols": 1, "rows": 10_000}


async def test_a_large_paste_goes_out_whole_in_small_pieces_with_pauses() -> None:
    async with echo_endpoint() as server, attached(Service(a_vm(server.endpoint))) as one:
        await one.until_open()
        text = bytes(range(256)) * 100
        began = time.monotonic()
        assert one.session.send(text)
        await one.session.sent()
        took = time.monotonic() - began
        await one.until(lambda: server.typed == text)
        pieces = [message for message in server.received if isinstance(message, bytes)]
        assert max(map(len, pieces)) <= CHUNK_BYTES
        assert took >= (len(pieces) - 1) * 0.005


async def test_an_unread_session_stops_the_sender_and_loses_nothing() -> None:
    sent = [0]
    block = b"0123456789abcdef" * 1_024
    total = 1_000

    async def flood(connection: ServerConnection) -> None:
        await connection.send('{"type":"session_init"}')
        for _ in range(total):
            await connection.send(block)
            sent[0] += 1
        await connection.close(1000)

    async with endpoint(flood) as server, attached(Service(a_vm(server.endpoint)), reading=False) as one:
        await one.until_open()
        await one.until(lambda: one.session.waiting >= INBOX_BYTES)
        before = -1
        while sent[0] != before:
            before = sent[0]
            await asyncio.sleep(0.2)
        assert sent[0] < total, "nothing held the sender back"
        assert one.session.waiting < INBOX_BYTES + 2 * len(block)
        count = 0
        while piece := await one.session.receive():
            assert isinstance(piece, bytes)
            assert len(piece) <= 64 * 1024
            count += len(piece)
        assert count == total * len(block)


async def test_a_stalled_socket_is_given_up_by_its_missing_pongs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mvm_tui.shell.link.DEAD_SECONDS", 0.2)

    async def stall(connection: ServerConnection) -> None:
        await connection.send('{"type":"session_init"}')
        connection.transport.pause_reading()
        await connection.wait_closed()

    options = ShellOptions(ping_seconds=0.05, watch_seconds=0)
    async with endpoint(stall) as server, attached(Service(a_vm(server.endpoint)), options) as one:
        await one.until_open()
        await one.until(lambda: len(server.requests) >= 2)


async def _deaf(connection: ServerConnection) -> None:
    """It takes nothing, so that what is sent to it fills up all that lies between."""
    await connection.send('{"type":"session_init"}')
    connection.transport.pause_reading()
    await connection.wait_closed()


async def test_a_peer_that_takes_nothing_does_not_keep_who_detaches() -> None:
    options = ShellOptions(watch_seconds=0, pause=0)
    async with endpoint(_deaf) as server, attached(Service(a_vm(server.endpoint)), options) as one:
        await one.until_open()
        one.session.send(b"x" * (32 << 20))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(one.session.sent(), 0.5)
        await asyncio.wait_for(one.session.close(), 5)


async def test_a_peer_that_takes_nothing_is_given_up_while_input_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mvm_tui.shell.link.DEAD_SECONDS", 1)
    options = ShellOptions(ping_seconds=0.5, watch_seconds=0, pause=0)
    async with endpoint(_deaf) as server, attached(Service(a_vm(server.endpoint)), options) as one:
        await one.until_open()
        one.session.send(b"x" * (32 << 20))
        await one.until(lambda: len(server.requests) >= 2)


async def test_pings_keep_a_quiet_shell_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mvm_tui.shell.link.DEAD_SECONDS", 0.2)
    options = ShellOptions(ping_seconds=0.02, watch_seconds=0)
    async with echo_endpoint() as server, attached(Service(a_vm(server.endpoint)), options) as one:
        await one.until_open()
        await one.until(lambda: server.pings >= 30)
        assert len(server.requests) == 1
        assert isinstance(one.session.state, Open)


async def test_a_redirect_is_not_followed() -> None:
    async with echo_endpoint() as other, echo_endpoint() as server:

        def elsewhere(request: Request) -> Response:
            answer = refusal(307)
            answer.headers["Location"] = f"ws://127.0.0.1:{other.port}/shell"
            return answer

        server.refuse = elsewhere
        async with attached(Service(a_vm(server.endpoint))) as one:
            closed = await one.until_closed()
            assert "elsewhere" in str(closed.problem)
            assert other.requests == []


async def test_nothing_of_a_connection_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with echo_endpoint() as server, attached(Service(a_vm(server.endpoint))) as one:
        await one.until_open()
        one.session.send(b"drop\r")
        await one.until_open(2)
    ours = [
        record.getMessage() for record in caplog.records if not record.name.startswith("websockets.server")
    ]
    assert not any("token-" in message or "lambda-microvms" in message for message in ours)


async def test_an_endpoint_that_is_no_host_is_not_dialled() -> None:
    service = Service(a_vm("user@evil.example/path"))
    async with attached(service) as one:
        closed = await one.until_closed()
    assert closed.end is End.REFUSED
    assert "no host name" in str(closed.problem)
