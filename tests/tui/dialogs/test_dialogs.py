"""The smaller dialogs."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, OptionList, SelectionList

from mvm_tui.tui.dialogs.actions import ActionMenu
from mvm_tui.tui.dialogs.choose import ChooseDialog
from mvm_tui.tui.dialogs.columns import ColumnsDialog
from mvm_tui.tui.dialogs.raw import RawDialog
from mvm_tui.tui.dialogs.rename import RenameDialog
from mvm_tui.tui.dialogs.sort import SortDialog
from mvm_tui.tui.palette import ActionPalette
from tests.tui.driving import cursor, filled, said, shown, until
from tests.tui.fakes import FakeAccounts, make_app


async def test_a_name_is_given_and_taken(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        await pilot.press("e")
        assert isinstance(app.screen, RenameDialog)
        assert app.screen.query_one(Input).value == "batch"
        await pilot.press("ctrl+u", *"jobs", "enter")
        await until(pilot, lambda: cursor(app.desk) == "jobs")
        await pilot.press("e", "ctrl+u", "enter")
        await until(pilot, lambda: cursor(app.desk) == "")


async def test_raw_json_masks_what_is_sensitive(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        await pilot.press("v")
        assert isinstance(app.screen, RawDialog)
        await until(pilot, lambda: '"terminatedAt": null' in shown(pilot))
        assert "secret-payload" not in shown(pilot)
        await pilot.press("y")
        assert "secret-payload" not in said(app.desk)[0]
        await pilot.press("m")
        await until(pilot, lambda: "secret-payload" in shown(pilot))
        await pilot.press("q")
        assert not isinstance(app.screen, RawDialog)


async def test_sorting_by_a_chosen_column(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        table = app.desk.fleet_screen.table
        await pilot.press("S")
        assert isinstance(app.screen, SortDialog)
        await pilot.press("home", "down", "enter")
        assert table.sorting == ("name", False)
        await pilot.press("S", "enter")
        assert table.sorting == ("name", True)
        await pilot.press("S", "escape")
        assert table.sorting == ("name", True)


async def test_columns_are_hidden_and_moved(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        table = app.desk.fleet_screen.table
        await pilot.press("c")
        assert isinstance(app.screen, ColumnsDialog)
        assert app.screen.query_one(SelectionList).highlighted == 0
        await pilot.press("space", "down", "J", "enter")
        assert table.column_ids[:3] == ("id", "name", "image")
        assert "state" not in table.column_ids


async def test_the_action_menu_says_why_not(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        await pilot.press("a")
        menu = app.screen
        assert isinstance(menu, ActionMenu)
        options = menu.query_one(OptionList)
        labels = {option.id: str(option.prompt) for option in options.options}
        assert "nothing to resume" in labels["microvm.resume"]
        assert options.get_option("microvm.resume").disabled
        assert "microvm.actions" not in labels
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: bool(accounts.fleet.performed))
        assert accounts.fleet.performed[0][0] == "microvm.suspend"


@pytest.mark.parametrize("width", [80, 120])
async def test_the_action_menu_wraps_what_an_action_does_under_itself(width: int, tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app, (width, 40)) as pilot:
        await pilot.press("a")
        options = app.screen.query_one(OptionList)
        await until(pilot, lambda: "\n" in str(options.get_option("microvm.reach").prompt))
        lines = [options.render_line(y).text for y in range(options.size.height)]
        continued = [line for line in lines if not line[:9].strip()]
        assert len(lines) == options.option_count + len(continued)
        assert continued
        assert all(not line[:21].strip() and line[21] != " " for line in continued)


async def test_regions_and_themes_are_chosen_by_a_part_of_their_name(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        await pilot.press("colon", *"region", "enter")
        assert isinstance(app.screen, ChooseDialog)
        options = app.screen.query_one(OptionList)
        await until(pilot, lambda: options.option_count == 14)
        await pilot.press(*"eu-", "down", "enter")
        await until(pilot, lambda: accounts.targets[-1].region == "eu-north-1")
        await pilot.press("colon", *"theme", "enter", *"mvm-li")
        await until(pilot, lambda: app.screen.query_one(OptionList).option_count == 1)
        await pilot.press("enter")
        assert app.theme == "mvm-light"


async def test_a_region_that_is_not_listed_may_be_typed(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        await pilot.press("colon", *"region", "enter", *"mars-1", "enter")
        await until(pilot, lambda: accounts.targets[-1].region == "mars-1")


async def test_profiles_come_from_the_users_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config"
    config.write_text("[default]\nregion = us-east-1\n[profile prod]\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        await pilot.press("colon", *"profile", "enter")
        options = app.screen.query_one(OptionList)
        await until(pilot, lambda: options.option_count == 2)
        await pilot.press(*"prod", "enter")
        await until(pilot, lambda: accounts.targets[-1].profile == "prod")


async def test_the_demo_has_one_profile(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path, demo=True)
    async with filled(app) as pilot:
        await pilot.press("colon", *"profile prod", "enter")
        assert "The demo has no profiles" in said(app.desk)[0]
        assert len(accounts.targets) == 1


async def test_the_palette_offers_what_can_be_done(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        await pilot.press("ctrl+p")
        assert isinstance(app.screen, ActionPalette)
        await pilot.press(*"suspe")
        await until(pilot, lambda: app.screen.query_one(OptionList).option_count == 1)
        await pilot.press("enter", "enter")
        await until(pilot, lambda: bool(accounts.fleet.performed))
        assert accounts.fleet.performed[0][0] == "microvm.suspend"


async def test_an_empty_choice_says_so_and_takes_a_whole_name(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        chosen: list[str | None] = []
        dialog = ChooseDialog("Profile", "")
        await app.push_screen(dialog, chosen.append)
        box = dialog.query_one(Input)
        assert box.placeholder == "reading…"
        dialog.show([])
        assert "none found" in box.placeholder
        await pilot.press(*"prod", "enter")
        await until(pilot, lambda: chosen == ["prod"])


async def test_a_choice_that_matches_nothing_says_so(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        dialog = ChooseDialog("Profile", "")
        await app.push_screen(dialog)
        dialog.show(["prod", "test"])
        assert "Not in the list" not in shown(pilot)
        await pilot.press("x")
        await until(pilot, lambda: "Not in the list: enter takes it" in shown(pilot))
        await pilot.press("backspace", "t")
        await until(pilot, lambda: "Not in the list" not in shown(pilot))


async def test_a_choice_among_thousands_offers_some_and_finds_all(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        chosen: list[str | None] = []
        dialog = ChooseDialog("Logs of", "")
        await app.push_screen(dialog, chosen.append)
        dialog.show([f"vm-{number:05}" for number in range(10_000)])
        options = dialog.query_one(OptionList)
        await until(pilot, lambda: options.option_count == 201)
        assert "9,800 more" in str(options.get_option_at_index(200).prompt)
        await pilot.press("up")
        assert options.highlighted != 200, "what is no choice cannot be chosen"
        await pilot.press(*"09876")
        await until(pilot, lambda: options.option_count == 1)
        await pilot.press("enter")
        await until(pilot, lambda: chosen == ["vm-09876"])
