"""The launch dialog by key and by click."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Button, Checkbox, Input, Select, TextArea

from mvm_tui.model.errors import QuotaReached
from mvm_tui.tui.dialogs.launch import LaunchDialog
from mvm_tui.tui.dialogs.text import TextDialog
from tests.tui.driving import AppPilot, cursor, filled, said, shown, until
from tests.tui.fakes import FakeAccounts, image_arn, make_app


async def opened(pilot: AppPilot) -> LaunchDialog:
    """The dialog once images and versions are read."""
    await pilot.press("n")
    dialog = pilot.app.screen
    assert isinstance(dialog, LaunchDialog)
    await until(pilot, lambda: dialog.query_one("#version", Select).value == "latest 2.0")
    return dialog


def labels(select: Select[str]) -> list[str]:
    return [str(prompt) for prompt, _ in select._options]


async def test_a_launch_with_the_defaults(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        await pilot.press("j")
        dialog = await opened(pilot)
        assert dialog.query_one("#image", Select).value == image_arn("hello-web")
        assert labels(dialog.query_one("#image", Select))[-1] == "broken · nothing to launch"
        assert labels(dialog.query_one("#version", Select)) == ["latest active: 2.0", "2.0", "1.0"]
        await until(pilot, lambda: "vpc-old · failed" in labels(dialog.query_one("#egress", Select)))
        assert "Needs 2 GB, but" in shown(pilot)
        assert "Without a role the MicroVM writes no logs." in shown(pilot)
        dialog.query_one("#name", Input).value = "fresh"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: cursor(app.desk) == "fresh")
        request, name = accounts.fleet.launched[0]
        assert (request.image_arn, request.version, name) == (image_arn("hello-web"), "", "fresh")
        assert request.client_token
        newest = next(iter(app.desk.history.newest_first()))
        assert newest.request_id == "request-of-the-launch"
        assert app.screen is app.desk.fleet_screen


async def test_what_is_wrong_stands_under_its_field_and_nothing_is_asked(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        dialog = await opened(pilot)
        dialog.query_one("#role", Input).value = "admin"
        dialog.query_one("#payload", TextArea).text = "x" * 4_097
        await until(pilot, lambda: "a role's ARN" in shown(pilot))
        assert "4,097 of at most 4,096 bytes" in shown(pilot)
        await pilot.press("ctrl+s")
        assert accounts.fleet.launched == []
        dialog.query_one("#idle", Checkbox).value = False
        await until(pilot, lambda: "until you suspend or terminate it" in shown(pilot))
        assert dialog.query_one("#idle_after", Input).disabled


async def test_a_refused_launch_stays_open_and_keeps_its_token(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        dialog = await opened(pilot)
        accounts.fleet.launch_problem = QuotaReached("The memory quota is reached.", "8 of 8 GB.", "Wait.")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "The memory quota is reached. 8 of 8 GB. Wait." in shown(pilot))
        assert not dialog.query_one("#launch", Button).disabled
        assert "The memory quota is reached. 8 of 8 GB. Wait." in said(app.desk)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: len(accounts.fleet.launched) == 2)
        dialog.query_one("#maximum", Input).value = "1h"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: len(accounts.fleet.launched) == 3)
        first, second, third = (request.client_token for request, _ in accounts.fleet.launched)
        assert first == second != third


async def test_the_command_masks_the_payload_until_asked(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        dialog = await opened(pilot)
        dialog.query_one("#payload", TextArea).text = "token=s3cret"
        await pilot.press("ctrl+o")
        assert isinstance(app.screen, TextDialog)
        await until(pilot, lambda: "aws lambda-microvms run-microvm" in shown(pilot))
        assert "--idle-policy '{" in shown(pilot)
        assert "s3cret" not in shown(pilot)
        await pilot.press("m")
        await until(pilot, lambda: "s3cret" in shown(pilot))
        await pilot.press("m")
        await until(pilot, lambda: "s3cret" not in shown(pilot))


async def test_an_image_can_be_named(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        await pilot.press("colon", *"run devbox", "enter")
        dialog = app.screen
        assert isinstance(dialog, LaunchDialog)
        await until(pilot, lambda: dialog.query_one("#image", Select).value == image_arn("devbox"))
