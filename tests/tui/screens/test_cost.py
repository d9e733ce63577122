"""The cost screen by key: its views, what can be done from them, exports, deletion; a launch's price."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from mvm_tui.config.schema import Settings
from mvm_tui.fleet.actions import ACTIONS
from mvm_tui.fleet.figures import Figures
from mvm_tui.fleet.storage import VersionCost
from mvm_tui.model.cost import Stored, image_cost
from mvm_tui.model.errors import Denied, Unreachable
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.image import Image, ImageVersion
from mvm_tui.model.rates import shipped
from mvm_tui.tui.app import MvmApp
from mvm_tui.tui.dialogs.confirm import Confirm
from mvm_tui.tui.dialogs.export import ExportDialog
from mvm_tui.tui.dialogs.launch import LaunchDialog
from mvm_tui.tui.dialogs.what_if import WhatIfDialog
from mvm_tui.tui.screens.cost import VIEWS, CostScreen
from mvm_tui.tui.widgets.footer import Footer
from mvm_tui.tui.widgets.line_list import LineList
from tests.tui.driving import AppPilot, filled, running, said, until
from tests.tui.fakes import NOW, FakeAccounts, image_arn, make_app, microvm, sample_rows


@asynccontextmanager
async def on_costs(
    accounts: FakeAccounts, folder: Path, size: tuple[int, int] = (120, 40), **options: object
) -> AsyncIterator[tuple[AppPilot, CostScreen]]:
    app = make_app(accounts, folder, **options)
    async with filled(app, size) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: isinstance(app.desk.front, CostScreen) and app.desk.front.is_mounted)
        screen = app.desk.front
        assert isinstance(screen, CostScreen)
        yield pilot, screen


def text(screen: CostScreen) -> str:
    """Everything the screen says, the lines of its table included."""
    parts = [
        str(screen.query_one(f"#cost-{name}", Static).visual) for name in ("head", "titles", "empty", "note")
    ]
    box = screen.query_one(LineList)
    parts += [str(box.get_option_at_index(index).prompt) for index in range(box.option_count)]
    return "\n".join(parts)


async def view(pilot: AppPilot, screen: CostScreen, name: str) -> str:
    while screen.showing != name:
        await pilot.press("tab")
    return text(screen)


def version(
    name: str, used: bool = False, status: str = "ACTIVE", superseded: bool = True, count: int = 3
) -> VersionCost:
    total = image_cost(Stored.of_gb(Decimal("1.5")), 0, 1, shipped("us-east-1"))
    image = Image(image_arn("worker"), "worker", "CREATED", "3.0")
    built = ImageVersion(image.arn, name, "SUCCESSFUL", status, 1_024, NOW)
    return VersionCost(
        version=(image.arn, name),
        name=f"worker:{name}",
        status=status,
        created_at=NOW,
        used=used,
        superseded=superseded,
        count=count,
        image=image,
        built=built,
        gb=Decimal("1.5"),
        per_hour=Decimal("0.00017"),
        total=total,
        saves_per_month=Decimal("0.1"),
    )


def with_versions(accounts: FakeAccounts, *versions: VersionCost, **changes: object) -> None:
    figures = accounts.fleet.spend.figures
    assert figures is not None
    assert figures.details is not None
    details = replace(figures.details, versions=versions, **changes)  # type: ignore[arg-type]
    accounts.fleet.spend.figures = Figures(figures.cost, details)


async def test_what_costs_most_comes_first_and_can_be_acted_on(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    async with on_costs(accounts, tmp_path) as (pilot, screen):
        assert accounts.fleet.spend.wanted
        shown = text(screen)
        for part in ("now", "$0.158/h", "24 h", "month", "by the end of November"):
            assert part in shown
        assert "shipped table" in str(screen.query_one("#cost-box").border_subtitle)
        lines = [line for line in shown.splitlines() if line.startswith(("running", "suspended"))]
        assert lines[0].split()[:2] == ["running", "old-web"]
        assert "~$" in lines[0]
        # First of all stands one that has ended: nothing is to be done with it.
        await pilot.press("z")
        assert "nothing to suspend" in said(screen.desk)[0]
        await pilot.press("down", "z")
        await until(pilot, lambda: bool(accounts.fleet.performed))
        assert accounts.fleet.performed == [("microvm.suspend", (microvm(5).id,))]
        await until(pilot, lambda: "suspended  old-web" in text(screen))


async def test_every_view_is_reached_by_tab_and_says_something(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    async with on_costs(accounts, tmp_path) as (pilot, screen):
        seen = []
        for _ in VIEWS:
            seen.append(screen.showing)
            await until(pilot, lambda: bool(text(screen).splitlines()[3:]))
            await pilot.press("tab")
        assert tuple(seen) == VIEWS
        assert screen.showing == VIEWS[0]
        await pilot.press("shift+tab")
        assert screen.showing == "quotas"
        await until(pilot, lambda: "Allocated memory" in text(screen))
        assert "7680 MiB" in text(screen)
        assert "below default" in text(screen)
        assert "hello-web:2.0" in await view(pilot, screen, "images")
        assert "suspended" in await view(pilot, screen, "states")


async def test_what_may_be_forgotten(tmp_path: Path) -> None:
    left = FleetRow(microvm(1, age=timedelta(hours=5), idle=None), "left", 2_048)
    accounts = FakeAccounts([left, FleetRow(microvm(2, image="worker"), "fresh", 1_024)])
    async with on_costs(accounts, tmp_path) as (pilot, screen):
        shown = await view(pilot, screen, "forgotten")
        assert "left" in shown
        assert "5h00m" in shown
        assert "fresh" not in shown
        assert "Traffic cannot be seen" in shown


async def test_versions_that_only_cost_can_be_deleted(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    async with on_costs(accounts, tmp_path) as (pilot, screen):
        with_versions(accounts, version("1.0"), version("2.0", used=True), version("3.0", superseded=False))
        shown = await view(pilot, screen, "storage")
        assert "only costs" in shown
        assert "1 are run by nothing" in shown
        assert screen.chosen_version() == version("1.0")
        assert "D delete" in screen.query_one(Footer).render().plain
        await pilot.press("D")
        assert isinstance(pilot.app.screen, Confirm)
        assert "It saves $0.100 in 30 days." in str(pilot.app.screen.query_one(".question", Static).visual)
        await pilot.press(*"worker:1.0", "enter")
        await until(pilot, lambda: accounts.images.done == [("delete_version", image_arn("worker"), "1.0")])
        await until(pilot, lambda: "worker:1.0 is being deleted." in said(screen.desk))
        await pilot.press("down", "D")
        assert "worker:2.0 is in use: terminate batch first." in said(screen.desk)
        assert len(accounts.images.done) == 1
        with_versions(accounts, version("1.0", count=1))
        screen.refresh_facts()
        await pilot.press("D")
        assert "the last version" in said(screen.desk)[0]


async def test_read_only_deletes_nothing(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    async with on_costs(accounts, tmp_path, read_only=True) as (pilot, screen):
        with_versions(accounts, version("1.0"))
        await view(pilot, screen, "storage")
        await pilot.press("D")
        assert "Read-only mode" in said(screen.desk)[0]
        assert accounts.images.done == []


async def test_images_that_cannot_be_read_are_said_so(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    async with on_costs(accounts, tmp_path) as (pilot, screen):
        with_versions(accounts)
        assert "no images" in await view(pilot, screen, "storage")
        with_versions(accounts, version("1.0"), version("2.0"))
        screen.refresh_facts()
        await pilot.press("down")
        assert screen.chosen_version() == version("2.0")
        figures = accounts.fleet.spend.figures
        assert figures is not None
        assert figures.details is not None
        problem = Denied("You may not lambda:ListMicrovmImages.")
        details = replace(figures.details, versions=None, month=None, problem=problem)
        accounts.fleet.spend.figures = Figures(figures.cost, details)
        screen.refresh_facts()
        assert "You may not lambda:ListMicrovmImages" in text(screen)
        assert "images could not be read" in text(screen)


async def test_before_the_first_listing_nothing_is_zero(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    async with on_costs(accounts, tmp_path) as (_, screen):
        accounts.fleet.spend.figures = None
        screen.refresh_facts()
        assert "$" not in text(screen)
        assert "being worked out" in text(screen)


async def test_the_budget_has_its_line(tmp_path: Path) -> None:
    settings = Settings(budget_per_day=0.5)
    async with on_costs(FakeAccounts(), tmp_path, settings=settings) as (_, screen):
        assert "of $0.500 for today" in text(screen)


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (40, 12), (200, 50)])
async def test_it_fits_every_screen(tmp_path: Path, size: tuple[int, int]) -> None:
    async with on_costs(FakeAccounts(), tmp_path, size) as (pilot, screen):
        for _ in VIEWS:
            box = screen.query_one(LineList)
            for index in range(box.option_count):
                assert len(str(box.get_option_at_index(index).prompt)) <= size[0]
            await pilot.press("tab")


async def test_export_writes_a_file_and_asks_before_it_replaces_one(tmp_path: Path) -> None:
    target = tmp_path / "costs.json"
    async with on_costs(FakeAccounts(), tmp_path) as (pilot, screen):
        for expected in ("Wrote", "is there already"):
            await pilot.press("E")
            assert isinstance(pilot.app.screen, ExportDialog)
            pilot.app.screen.query_one(Input).value = str(target)
            await pilot.press("enter")
            if expected == "Wrote":
                await until(pilot, lambda: any("Wrote" in line for line in said(screen.desk)))
                target.write_text("mine")
        await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        assert target.read_text() == "mine"
        await pilot.press("y")
        await until(pilot, lambda: target.read_text() != "mine")
        document = json.loads(target.read_text())
        assert len(document["costs"]) == len(sample_rows())


async def test_what_if_moves_with_what_is_typed(tmp_path: Path) -> None:
    async with on_costs(FakeAccounts(), tmp_path) as (pilot, _):
        await pilot.press("w")
        dialog = pilot.app.screen
        assert isinstance(dialog, WhatIfDialog)
        ways = dialog.query_one("#ways", Static)
        await until(pilot, lambda: "$0.949" in str(ways.visual))
        assert "▸ terminate and relaunch" in str(ways.visual)
        assert "5 min 6 s" in str(ways.visual)
        dialog.query_one("#cycles", Input).value = "1"
        await until(pilot, lambda: "$0.318" in str(ways.visual))
        dialog.query_one("#active", Input).value = "soon"
        await until(pilot, lambda: "work: 'soon' is not a duration" in str(ways.visual))


async def opened_launch(pilot: AppPilot, app: MvmApp) -> LaunchDialog:
    await pilot.press("n")
    dialog = app.screen
    assert isinstance(dialog, LaunchDialog)
    await until(pilot, lambda: "Costs" in str(dialog.query_one("#price", Static).visual))
    return dialog


async def test_the_launch_dialog_says_what_it_costs_and_how_many_fit(tmp_path: Path) -> None:
    rows = [FleetRow(microvm(1), "web-1", 2_048)]
    app = make_app(FakeAccounts(rows), tmp_path)
    async with filled(app, (120, 50)) as pilot:
        dialog = await opened_launch(pilot, app)
        price = str(dialog.query_one("#price", Static).visual)
        assert "$0.126/h" in price
        assert "$1.01 if it runs for its 8h" in price
        assert "$0.043 without any traffic" in price
        assert "fits: 3 more of this size" in str(dialog.query_one("#note-image", Static).visual)
        dialog.query_one("#maximum", Input).value = "1h"
        await until(pilot, lambda: "for its 1h" in str(dialog.query_one("#price", Static).visual))
        await pilot.click("#what_if")
        await until(pilot, lambda: isinstance(app.screen, WhatIfDialog))


async def test_a_launch_past_the_budget_asks(tmp_path: Path) -> None:
    accounts = FakeAccounts([FleetRow(microvm(1), "web-1", 2_048)])
    app = make_app(accounts, tmp_path, settings=Settings(budget_per_day=1.5))
    async with filled(app, (120, 50)) as pilot:
        await opened_launch(pilot, app)
        await pilot.press("ctrl+s")
        assert isinstance(app.screen, Confirm)
        await pilot.press("n")
        assert accounts.fleet.launched == []
        await pilot.press("ctrl+s", "y")
        await until(pilot, lambda: len(accounts.fleet.launched) == 1)


async def test_a_launch_within_the_budget_does_not_ask(tmp_path: Path) -> None:
    accounts = FakeAccounts([FleetRow(microvm(1), "web-1", 2_048)])
    app = make_app(accounts, tmp_path, settings=Settings(budget_per_day=5.0))
    async with filled(app, (120, 50)) as pilot:
        await opened_launch(pilot, app)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: len(accounts.fleet.launched) == 1)


def test_actions_of_the_screen_have_keys() -> None:
    own = [action for action in ACTIONS if action.id.startswith("cost.")]
    assert own
    assert all(action.keys for action in own)


async def test_a_listing_that_fails_promises_no_costs(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with running(app) as pilot:
        accounts.fleet.spend.figures = None
        accounts.fleet.send(problem=Unreachable("No complete answer.", "No route.", "Check the network."))
        await pilot.press("5")
        await until(pilot, lambda: isinstance(app.desk.front, CostScreen) and app.desk.front.is_mounted)
        screen = app.desk.front
        assert isinstance(screen, CostScreen)
        await until(pilot, lambda: "could not be listed" in text(screen))
        assert "worked out" not in text(screen)
