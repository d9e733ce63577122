"""The main paths through the UI, by key."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mvm_tui.aws.session import Target
from mvm_tui.config.schema import Profile, Settings
from mvm_tui.fleet.actions import ACTIONS
from mvm_tui.model.errors import SignInExpired, Unreachable
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.tui.app import MvmApp
from mvm_tui.tui.commands import HANDLERS
from mvm_tui.tui.dialogs.confirm import Confirm
from mvm_tui.tui.screens.details import DetailScreen
from mvm_tui.tui.screens.help import HelpScreen
from mvm_tui.tui.screens.messages import MessagesScreen
from mvm_tui.tui.widgets.banner import Banner
from mvm_tui.tui.widgets.detail import DetailPane, FactSheet
from tests.pty_session import PtySession
from tests.tui.driving import cursor, filled, footer, header, running, said, shown, until
from tests.tui.fakes import NOW, FakeAccounts, make_app, microvm, sample_rows


def test_every_action_has_a_handler() -> None:
    assert set(HANDLERS) == {action.id for action in ACTIONS}


async def test_one_key_after_the_start_suspends_the_first_that_runs(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        assert cursor(app.desk) == "batch"
        await pilot.press("z")
        await until(pilot, lambda: bool(accounts.fleet.performed))
        assert accounts.fleet.performed == [("microvm.suspend", (microvm(2).id,))]
        assert "Suspending batch… r resumes it." in said(app.desk)
        await until(pilot, lambda: "batch suspended" in said(app.desk))
        await until(pilot, lambda: footer(app.desk).startswith("s shell  r resume"))
        await pilot.press("r")
        await until(pilot, lambda: ("microvm.resume", (microvm(2).id,)) in accounts.fleet.performed)


async def test_the_header_counts_and_follows(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    accounts.expires_at = NOW + timedelta(minutes=10)
    app = make_app(accounts, tmp_path, demo=True)
    async with filled(app, (160, 40)) as pilot:
        await until(pilot, lambda: "000000000000" in header(app.desk))
        text = header(app.desk)
        for part in ("DEMO", "us-east-1", "● 3 running", "◐ 1 suspended", "6.5/8 GB", "sign-in 10m"):
            assert part in text
        accounts.fleet.put(FleetRow(microvm(7, "SUSPENDED"), "", 1_024))
        await until(pilot, lambda: "◐ 2 suspended" in header(app.desk))


async def test_terminate_asks_with_the_focus_on_no(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        await pilot.press("x")
        assert isinstance(app.screen, Confirm)
        assert app.focused is not None
        assert app.focused.id == "no"
        await pilot.press("enter")
        assert accounts.fleet.performed == []
        await pilot.press("x", "y")
        await until(pilot, lambda: bool(accounts.fleet.performed))
        assert accounts.fleet.performed == [("microvm.terminate", (microvm(2).id,))]


async def test_terminating_several_wants_their_count_typed(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        await pilot.press("ctrl+a", "x")
        assert "Terminate 5 MicroVMs?" in shown(pilot)
        await pilot.press("4", "enter")
        assert isinstance(app.screen, Confirm)
        await pilot.press("backspace", "5", "enter")
        await until(pilot, lambda: bool(accounts.fleet.performed))
        assert len(accounts.fleet.performed[0][1]) == 5
        await until(pilot, lambda: "5 of 5 MicroVMs: terminate done." in said(app.desk))


async def test_esc_stops_work_on_several(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        accounts.fleet.hold.clear()
        await pilot.press("ctrl+a", "z", "y")
        await until(pilot, lambda: "suspend 0/" in footer(app.desk))
        await pilot.press("escape")
        accounts.fleet.hold.set()
        await until(pilot, lambda: any("left alone" in text for text in said(app.desk)))
        assert "esc stops" not in footer(app.desk)


async def test_a_failed_action_is_told_and_kept_with_its_request(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        accounts.fleet.failing.add(microvm(2).id)
        await pilot.press("z")
        await until(pilot, lambda: "batch: The MicroVM does not exist. It ended. Refresh." in said(app.desk))
        await pilot.press("exclamation_mark")
        assert isinstance(app.screen, MessagesScreen)
        assert "request req-failed" in shown(pilot)


async def test_read_only_refuses_at_the_key_and_says_so(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path, read_only=True)
    async with filled(app) as pilot:
        assert "READ-ONLY" in header(app.desk)
        assert "suspend" not in footer(app.desk)
        for key in ("z", "x", "n"):
            await pilot.press(key)
        assert accounts.fleet.performed == []
        assert said(app.desk)[0] == "Read-only mode: launch is switched off."


async def test_a_profile_can_be_read_only(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    settings = Settings(profiles={"prod": Profile(read_only=True, region="eu-west-1")})
    app = make_app(accounts, tmp_path, settings=settings)
    async with filled(app) as pilot:
        assert "READ-ONLY" not in header(app.desk)
        app.desk.open_account(profile="prod")
        await until(pilot, lambda: "READ-ONLY" in header(app.desk) and "eu-west-1" in header(app.desk))


async def test_an_expired_sign_in_is_a_banner_and_a_new_session_goes_on(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    accounts.problem = SignInExpired("The sign-in has expired.", "SSO ended.", "Run aws sso login.")
    app = make_app(accounts, tmp_path)
    async with running(app) as pilot:
        await until(pilot, lambda: bool(app.desk.fleet_screen.query(Banner)))
        for part in ("The sign-in has expired.", "SSO ended.", "Run aws sso login.", "R  tries again"):
            assert part.replace("R  ", "R ") in shown(pilot)
        accounts.problem = None
        await pilot.press("R")
        await until(pilot, lambda: cursor(app.desk) == "batch")
        assert not app.desk.fleet_screen.query(Banner)
        await pilot.press("R")
        assert accounts.fleet.refreshed == 1


async def test_trouble_while_reading_keeps_the_rows(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        accounts.fleet.send(problem=Unreachable("No answer.", "Timed out.", "Check the network."))
        await until(pilot, lambda: bool(app.desk.fleet_screen.query(Banner)))
        assert cursor(app.desk) == "batch"
        accounts.fleet.send()
        await until(pilot, lambda: not app.desk.fleet_screen.query(Banner))


async def test_pages_that_come_at_once_are_told_around_the_table_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        told: list[str] = []
        monkeypatch.setattr(app.desk.fleet_screen, "show_facts", lambda: told.append(header(app.desk)))
        for number in range(20):
            accounts.fleet.put(FleetRow(microvm(100 + number), f"more-{number}", 1_024))
        await until(pilot, lambda: bool(told) and "23 running" in told[-1])
        # The clock's own second may end meanwhile.
        assert len(told) <= 2


async def test_another_region_clears_the_screen_and_late_answers_are_dropped(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        old = accounts.fleet
        accounts.rows = [FleetRow(microvm(9), "other", 512)]
        await pilot.press("colon", *"region eu-west-1", "enter")
        await until(pilot, lambda: cursor(app.desk) == "other")
        assert old.stopped
        assert accounts.targets[-1].region == "eu-west-1"
        assert "● 1 running" in header(app.desk)
        old.put(FleetRow(microvm(8), "late", 512))
        accounts.fleet.put(FleetRow(microvm(10, age=timedelta(seconds=1)), "new", 512))
        await until(pilot, lambda: len(app.desk.fleet_screen.table.visible_ids()) == 2)
        assert microvm(8).id not in app.desk.fleet_screen.table.visible_ids()


async def test_a_connection_that_comes_too_late_is_closed(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    accounts.hold.clear()
    app = make_app(accounts, tmp_path)
    async with running(app) as pilot:
        await until(pilot, lambda: len(accounts.targets) == 1)
        app.desk.open_account(region="eu-west-1")
        await until(pilot, lambda: len(accounts.targets) == 2)
        accounts.hold.set()
        await until(pilot, lambda: cursor(app.desk) == "batch")
        await until(pilot, lambda: sum(fleet.stopped for fleet in accounts.fleets) == 1)
        assert app.desk.accounts.region == "eu-west-1"


async def test_the_target_may_be_found_first(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    found = Target(region="eu-central-1", endpoint_url="http://127.0.0.1:1")
    app = make_app(accounts, tmp_path, find_target=lambda: found)
    async with filled(app):
        assert accounts.targets == [found]


async def test_details_beside_the_table_or_over_it(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app, (80, 24)) as pilot:
        pane = app.desk.fleet_screen.query_one(DetailPane)
        assert not pane.display
        await pilot.press("enter")
        assert isinstance(app.screen, DetailScreen)
        await until(pilot, lambda: "INTERNET_EGRESS" in shown(pilot))
        await pilot.press("escape")
        await pilot.resize_terminal(140, 40)
        await until(pilot, lambda: pane.display)
        await until(pilot, lambda: "worker:2.0" in str(pane.query_one(FactSheet).visual))


async def test_help_shows_the_keys_in_force(tmp_path: Path) -> None:
    settings = Settings(keys={"microvm.suspend": "f5", "app.theme": "f9"})
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path, settings=settings)
    async with filled(app) as pilot:
        assert footer(app.desk).startswith("s shell  f5 suspend")
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        await until(pilot, lambda: "f5" in shown(pilot))
        assert "f9" in shown(pilot)
        assert "move" not in shown(pilot).splitlines()[0]
        await pilot.press("escape", "z")
        assert accounts.fleet.performed == []
        await pilot.press("f5")
        await until(pilot, lambda: bool(accounts.fleet.performed))


async def test_a_filter_follows_the_typing_and_esc_clears_it(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        table = app.desk.fleet_screen.table
        await pilot.press("slash", *"state:susp")
        await until(pilot, lambda: cursor(app.desk) == "dev" and len(table.visible_ids()) == 1)
        await pilot.press("space", *"size:x")
        await until(pilot, lambda: "is not a size" in shown(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: len(table.visible_ids()) == 5)
        await pilot.press("slash", *"web", "enter")
        await until(pilot, lambda: app.focused is table)
        assert len(table.visible_ids()) == 3
        await pilot.press("escape")
        await until(pilot, lambda: len(table.visible_ids()) == 5)


async def test_complaints_about_the_settings_are_told(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path, complaints=["config.toml:3: there is no option 'x'"])
    async with filled(app):
        assert "config.toml:3: there is no option 'x'" in said(app.desk)


async def test_outside_text_is_never_markup(tmp_path: Path) -> None:
    nasty = replace(sample_rows()[0], name="[bold red]a[/] \x1b[31m[link=x]")
    app = make_app(FakeAccounts([nasty]), tmp_path)
    async with filled(app) as pilot:
        for keys in (["enter", "escape"], ["e", "escape"], ["a", "escape"], ["v", "escape"], ["x", "escape"]):
            await pilot.press(*keys)
        await pilot.press("z")
        await until(pilot, lambda: "Suspending [bold red]a[/] [link=x]… r resumes it." in said(app.desk))


async def test_an_error_of_ours_ends_the_app_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    with pytest.raises(ZeroDivisionError):
        await _run_until_it_fails(app)
    assert isinstance(app.failure, ZeroDivisionError)
    assert "Traceback" not in capsys.readouterr().err


async def _run_until_it_fails(app: MvmApp) -> None:
    async with filled(app) as pilot:
        app.call_later(lambda: 1 / 0)
        await until(pilot, lambda: app.failure is not None)


_PAINTED = """
import sys
from pathlib import Path
from mvm_tui.aws.session import Target
from mvm_tui.tui.app import MvmApp
from mvm_tui.tui.start import StartOptions

class Watched(MvmApp):
    def on_mount(self):
        self.call_after_refresh(self.report)
    def report(self):
        loaded = {"boto3", "botocore", "mvm_tui.tui.desk", "asyncio"} & set(sys.modules)
        Path(sys.argv[1]).write_text(" ".join(sorted(loaded)))
        self.exit(0)

Watched(StartOptions(Target(), Path("."), demo=True), None).run()
"""


def test_the_first_frame_needs_neither_boto3_nor_the_rest(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _PAINTED, str(tmp_path / "loaded")]
    with PtySession(command, tmp_path, extra={"PYTHONPATH": os.pathsep.join(sys.path)}) as session:
        session.wait_for("DEMO")
        assert session.wait_exit() == 0
    assert (tmp_path / "loaded").read_text() == "asyncio"


async def test_a_suspend_can_be_taken_back_before_it_is_seen(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        accounts.fleet.put(replace(sample_rows()[1], pending="suspending"))
        await until(pilot, lambda: footer(app.desk).startswith("s shell  r resume"))
        await pilot.press("r")
        await until(pilot, lambda: bool(accounts.fleet.performed))
        assert accounts.fleet.performed == [("microvm.resume", (microvm(2).id,))]
