"""Reaching an app from the UI: forwarding, watching, ending, copying, probing."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.widgets import Button, Checkbox, Input, Static

from mvm_tui.model.clock import SystemClock
from mvm_tui.model.token import AccessToken
from mvm_tui.reach.access import Access
from mvm_tui.reach.client import open_client
from mvm_tui.reach.probe import BUCKETS, Findings, Sample
from mvm_tui.tui.dialogs.probe import ProbeDialog
from mvm_tui.tui.dialogs.reach import ReachDialog
from mvm_tui.tui.endpoint_commands import curl_command, wscat_command
from mvm_tui.tui.screens.forwards import ForwardsScreen
from tests.reach.endpoint import Service, serving
from tests.tui.driving import AppPilot, filled, said, shown, until
from tests.tui.fakes import FakeAccounts, make_app


@asynccontextmanager
async def reaching(tmp_path: Path, **options: object) -> AsyncIterator[tuple[Service, AppPilot]]:
    """The app, with an endpoint behind every MicroVM of it."""
    accounts = FakeAccounts()
    async with serving() as service:

        def ports(vm_id: str, port: int | None, resume: bool, say: object) -> Access:
            return service.access(resume=resume)

        accounts.port_access = ports
        for row in accounts.rows:
            if row.vm.details is not None:
                object.__setattr__(row.vm.details, "endpoint", service.host)
        async with filled(make_app(accounts, tmp_path, **options)) as pilot:
            yield service, pilot


async def test_enter_forwards_and_the_list_shows_what_goes_through(tmp_path: Path) -> None:
    async with reaching(tmp_path) as (service, pilot):
        desk = pilot.app.desk  # type: ignore[attr-defined]
        await pilot.press("o")
        assert isinstance(pilot.app.screen, ReachDialog)
        await pilot.press(*"3000", "enter")
        await until(pilot, lambda: bool(desk.forwards.all and desk.forwards.all[0].url))
        (forward,) = desk.forwards.all
        assert forward.label.endswith(":3000")
        assert forward.url in said(desk)[0]
        async with open_client() as client:
            answer = await client.get(forward.url + "echo")
            assert answer.status == 200
        await pilot.press("O")
        assert isinstance(pilot.app.screen, ForwardsScreen)
        await until(pilot, lambda: "GET /echo" in shown(pilot))
        assert service.requests[0][2]["X-aws-proxy-port"] == "3000"
        await pilot.press("x")
        await until(pilot, lambda: "forwards a port of it" in shown(pilot))
        assert desk.forwards.all == []


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_every_button_is_in_sight_and_works_by_mouse(tmp_path: Path, size: tuple[int, int]) -> None:
    async with reaching(tmp_path) as (_, pilot):
        desk = pilot.app.desk  # type: ignore[attr-defined]
        await pilot.resize_terminal(*size)
        await pilot.press("o")
        box = pilot.app.screen.query_one(".box").content_region
        for button in pilot.app.screen.query(Button):
            assert button.region.width > len(str(button.label))
            assert box.contains_region(button.region)
        await pilot.click("#forward")
        await until(pilot, lambda: bool(desk.forwards.all and desk.forwards.all[0].url))


async def test_a_suspended_microvm_is_resumed_only_where_the_box_was_ticked(tmp_path: Path) -> None:
    async with reaching(tmp_path) as (service, pilot):
        service.state = "SUSPENDED"
        desk = pilot.app.desk  # type: ignore[attr-defined]
        await pilot.press("o")
        assert not pilot.app.screen.query_one("#resume", Checkbox).value
        await pilot.press("enter")
        await until(pilot, lambda: bool(desk.forwards.all and desk.forwards.all[0].url))
        async with open_client() as client:
            answer = await client.get(desk.forwards.all[0].url + "echo")
        assert (answer.status, service.resumed) == (503, 0)


async def test_leaving_asks_while_ports_are_forwarded(tmp_path: Path) -> None:
    async with reaching(tmp_path) as (_, pilot):
        desk = pilot.app.desk  # type: ignore[attr-defined]
        await pilot.press("o", "enter")
        await until(pilot, lambda: bool(desk.forwards.all and desk.forwards.all[0].url))
        await pilot.press("q")
        await until(pilot, lambda: "You lose 1 forwarded port" in shown(pilot))


@pytest.mark.parametrize("port", ["0", "70000"])
async def test_no_port_is_said_and_nothing_opened(tmp_path: Path, port: str) -> None:
    async with reaching(tmp_path) as (_, pilot):
        await pilot.press("o", *port, "enter")
        await until(pilot, lambda: "from 1 to 65535" in shown(pilot))
        assert pilot.app.desk.forwards.all == []  # type: ignore[attr-defined]


async def test_a_probe_says_what_it_costs_and_shows_times(tmp_path: Path) -> None:
    async with reaching(tmp_path, clock=SystemClock()) as (_, pilot):
        await pilot.press("o", "ctrl+r")
        dialog = pilot.app.screen
        assert isinstance(dialog, ProbeDialog)
        assert "They cost nothing of their own" in shown(pilot)
        dialog.query_one("#path", Input).value = "/echo"
        dialog.query_one("#rate", Input).value = "15"
        dialog.query_one("#seconds", Input).value = "1s"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "Done." in shown(pilot))
        assert "p95" in shown(pilot)
        assert not dialog.query_one("#begin", Button).disabled
        dialog.query_one("#rate", Input).value = "1000"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "is not possible" in shown(pilot))
        dialog.query_one("#moves").toggle()  # type: ignore[attr-defined]
        dialog.query_one("#rate", Input).value = "5"
        await until(pilot, lambda: "write and read its snapshot" in shown(pilot))
        assert "about $" in str(dialog.query_one("#note", Static).visual)


async def test_all_that_a_probe_found_is_reached_on_a_low_terminal(tmp_path: Path) -> None:
    async with reaching(tmp_path) as (_, pilot):
        await pilot.resize_terminal(80, 24)
        await pilot.press("o", "ctrl+r")
        dialog = pilot.app.screen
        assert isinstance(dialog, ProbeDialog)
        dialog._draw(Findings([Sample(0, seconds, 200) for seconds in (*BUCKETS, 30.0)]))
        box, findings = dialog.query_one(".box"), dialog.query_one(".findings")
        await until(pilot, lambda: findings.region.bottom > box.region.bottom)
        assert box.content_region.contains_region(dialog.query_one("#begin", Button).region)
        await pilot.press("shift+tab", "end")
        await until(pilot, lambda: findings.region.bottom < box.region.bottom)


async def test_esc_stops_a_probe_keeps_what_it_measured_and_then_leaves(tmp_path: Path) -> None:
    async with reaching(tmp_path, clock=SystemClock()) as (service, pilot):
        await pilot.press("o", "ctrl+r")
        dialog = pilot.app.screen
        dialog.query_one("#path", Input).value = "/echo"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: bool(service.requests) and "p95" in shown(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: not dialog.query_one("#begin", Button).disabled)
        assert pilot.app.screen is dialog
        assert "Stopped." in shown(pilot)
        assert "p95" in shown(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, ReachDialog))


async def test_a_forward_that_is_ended_while_it_opens_is_never_said_to_be_open(tmp_path: Path) -> None:
    go_on = threading.Event()

    async with reaching(tmp_path) as (service, pilot):
        desk = pilot.app.desk  # type: ignore[attr-defined]
        minted = service.mint

        def slow(*, fresh: bool) -> AccessToken:
            go_on.wait(10)
            return minted(fresh=fresh)

        service.mint = slow  # type: ignore[method-assign]
        await pilot.press("o", "enter")
        await until(pilot, lambda: bool(desk.forwards.all))
        (forward,) = desk.forwards.all
        desk.forwards.forget()
        go_on.set()
        await until(pilot, lambda: not desk.forwards._tasks)
        assert forward.url == ""
        assert not any("is forwarded" in text for text in said(desk))


def test_commands_hold_no_token_and_quote_what_needs_it() -> None:
    curl = curl_command("microvm-1", "x.lambda-microvm.eu-west-1.on.aws", 3_000, "my prod", "eu-west-1")
    assert curl == (
        "mvm-tui token microvm-1 --port 3000 --profile 'my prod' --region eu-west-1 --header | "
        "curl -H @- https://x.lambda-microvm.eu-west-1.on.aws/"
    )
    wscat = wscat_command("microvm-1", "x.localhost:1234", None, "", "")
    assert wscat == ('wscat -c ws://x.localhost:1234/ -H "X-aws-proxy-auth: $(mvm-tui token microvm-1)"')


async def test_another_region_ends_what_is_forwarded_and_says_so(tmp_path: Path) -> None:
    async with reaching(tmp_path) as (_, pilot):
        desk = pilot.app.desk  # type: ignore[attr-defined]
        await pilot.press("o", *"3000", "enter")
        await until(pilot, lambda: bool(desk.forwards.all and desk.forwards.all[0].url))
        await pilot.press("colon", *"region eu-west-1", "enter")
        await until(pilot, lambda: not desk.forwards.all)
        await until(pilot, lambda: any("1 forwarded port ended" in words for words in said(desk)))
