"""One request: what is sent, what comes back, and what the proxy's answers mean."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mvm_tui.model.clock import SystemClock
from mvm_tui.model.errors import Conflict, Denied, GatewayFault, Unreachable
from mvm_tui.reach.call import Answer, Caller, Request
from tests.reach.endpoint import PIECE, Service, parsed, serving


@asynccontextmanager
async def calling(port: int | None = None) -> AsyncIterator[tuple[Service, Caller]]:
    async with (
        serving() as service,
        Caller(service.target(port=port), service.access(), SystemClock()) as caller,
    ):
        yield service, caller


async def body_of(answer: Answer) -> bytes:
    return b"".join([piece async for piece in answer.pieces])


async def test_method_headers_and_body_are_as_given_and_tokens_stay_inside() -> None:
    async with calling(port=9000) as (service, caller):
        mine = (("X-Mine", "1"), ("X-Mine", "2"), ("x-aws-proxy-auth", "a.b.c.d.mine"))
        async with caller.send(Request("/echo?x=%2F", "PUT", mine, b"data")) as answer:
            said = parsed((await body_of(answer)).decode())
        assert said == {"method": "PUT", "path": "/echo?x=%2F", "body": "data"}
        assert (answer.status, answer.refusal) == (200, None)
        assert "X-App" in dict(answer.headers)
        assert not any(name.lower().startswith("x-aws-proxy") for name, _ in answer.headers)
        _, _, seen = service.requests[0]
        assert "token" in seen["X-aws-proxy-auth"]
        assert seen["X-aws-proxy-port"] == "9000"


async def test_redirects_are_answers() -> None:
    async with calling() as (service, caller):
        async with caller.send(Request("/redirect")) as answer:
            assert answer.status == 302
        assert len(service.requests) == 1


async def test_a_large_body_is_streamed() -> None:
    async with calling() as (_, caller):
        total = 0
        async with caller.send(Request("/big")) as answer:
            async for piece in answer.pieces:
                assert len(piece) <= 1_000_000
                total += len(piece)
        assert total == 160 * len(PIECE)


async def test_the_proxys_answers_are_told_from_the_apps() -> None:
    async with calling() as (_, caller):
        async with caller.send(Request("/no-app")) as answer:
            assert isinstance(answer.refusal, GatewayFault)
            assert "APP_CONNECT_FAILED" in answer.refusal.why
        async with caller.send(Request("/own-403")) as answer:
            assert (answer.status, answer.refusal) == (403, None)
            assert await body_of(answer) == b"the app says no"


async def test_a_refused_token_is_renewed_once_only() -> None:
    async with calling() as (service, caller):
        async with caller.send(Request("/echo")):
            pass
        service.accepted.clear()
        async with caller.send(Request("/echo")) as answer:
            assert answer.status == 200
        assert service.minted == 2


async def test_a_token_that_is_never_accepted_is_a_refusal() -> None:
    async with serving() as service:
        access = service.access()
        async with Caller(service.target(), access, SystemClock()) as caller:
            service.accepted = _Nobody()
            async with caller.send(Request("/echo")) as answer:
                assert isinstance(answer.refusal, Denied)
                assert answer.refusal.exit_code == 3
        assert service.minted == 2


async def test_too_slow_and_broken_off_are_sentences() -> None:
    async with calling() as (_, caller):
        with pytest.raises(Unreachable, match="in time"):
            async with caller.send(Request("/slow", seconds=0.2)):
                pass
        with pytest.raises(Unreachable, match="broke off"):
            async with caller.send(Request("/broken")) as answer:
                await body_of(answer)


async def test_a_suspended_microvm_is_not_woken_by_accident() -> None:
    async with calling() as (service, caller):
        service.state = "SUSPENDED"
        with pytest.raises(Conflict, match="suspended"):
            await caller.waking.awake()
        assert service.resumed == 0


class _Nobody(set[str]):
    """Accepts no token, whatever is minted."""

    def __contains__(self, _: object) -> bool:
        return False
