"""Tokens as the local cloud mints and refuses them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from mvm_tui.aws import microvms, tokens
from mvm_tui.aws.session import Connection, Target
from mvm_tui.model.clock import SystemClock
from mvm_tui.model.errors import GatewayFault, Gone, Invalid, NoShell
from tests.aws.scripted import Answer, error, scripted
from tests.cloud import cloud_process


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    with cloud_process(seed="demo", speed=20, rates=False) as facts:
        target = Target(
            region=facts.region,
            endpoint_url=facts.endpoint,
            access_key=facts.access_key,
            secret_key=facts.secret_key,
        )
        connection = Connection.open(target, SystemClock())
        yield connection
        connection.close()


def _ids(connection: Connection, shell: bool) -> list[str]:
    listed = [vm for page in microvms.pages(connection) for vm in page if vm.state == "RUNNING"]
    return [vm.id for vm in listed if microvms.get(connection, vm.id).shell is shell]


def test_a_shell_token_lasts_as_was_asked_for_and_does_not_show_itself(
    connection: Connection,
) -> None:
    before = datetime.now(UTC)
    token = tokens.shell_token(connection, _ids(connection, True)[0], 7)
    assert timedelta(minutes=7) <= token.expires_at - before < timedelta(minutes=8)
    assert token.secret.count(".") == 4
    assert token.secret not in repr(token)
    assert token.usable(before)
    assert not token.usable(before + timedelta(minutes=6, seconds=45))


@pytest.mark.parametrize("ports", [None, [(8080, 8080)], [(80, 80), (9000, 9010)]])
def test_a_port_token(connection: Connection, ports: list[tuple[int, int]] | None) -> None:
    token = tokens.port_token(connection, _ids(connection, True)[0], ports)
    assert token.secret


def test_a_microvm_launched_without_a_shell_is_told_from_other_refusals(connection: Connection) -> None:
    without = _ids(connection, False)
    assert without, "the demo has one without a shell"
    with pytest.raises(NoShell) as refused:
        tokens.shell_token(connection, without[0])
    assert "SHELL_INGRESS" in refused.value.why
    assert "launch another" in refused.value.fix


def test_what_does_not_exist_and_what_lasts_too_long(connection: Connection) -> None:
    with pytest.raises(Gone):
        tokens.shell_token(connection, "microvm-00000000-0000-0000-0000-000000000000")
    with pytest.raises(Invalid, match="exceeded max allowed of 60"):
        tokens.shell_token(connection, _ids(connection, True)[0], 61)


def test_the_trap_of_all_ingress_is_explained_at_the_token() -> None:
    said = (
        "ALL_INGRESS cannot be combined with other ingress network connectors; "
        "use HTTP_INGRESS and/or SHELL_INGRESS instead"
    )
    answer = error(400, "ValidationException", said)
    with scripted(lambda _: answer) as server, pytest.raises(NoShell) as refused:
        tokens.shell_token(server.connect(), "microvm-1")
    assert refused.value.why == said


@pytest.mark.parametrize("body", [{}, {"authToken": None}, {"authToken": {}}])
def test_an_answer_without_a_token_is_no_token(body: dict[str, object]) -> None:
    with scripted(lambda _: Answer(body)) as server, pytest.raises(GatewayFault, match="holds no token"):
        tokens.shell_token(server.connect(), "microvm-1")


def test_all_headers_of_the_answer_are_kept() -> None:
    body = {"authToken": {"X-aws-proxy-auth": "a.b.c.d.e", "X-aws-more": "x"}}
    with scripted(lambda _: Answer(body)) as server:
        token = tokens.shell_token(server.connect(), "microvm-1")
    assert dict(token.headers) == body["authToken"]
    assert token.secret == "a.b.c.d.e"
