"""The language of the ``:`` line, and the line itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvm_tui.fleet.sections import MICROVMS
from mvm_tui.tui.command_text import completions, parse_command
from mvm_tui.tui.widgets.command_line import CommandLine, choice_line
from tests.tui.driving import AppPilot, cursor, filled, said, shown, until
from tests.tui.fakes import FakeAccounts, make_app, microvm

VERBS = MICROVMS.verbs()
WORDS = {"table.sort": lambda: ["age", "-age", "name"], "microvm.suspend": lambda: ["web-1", "web-2", "dev"]}


def test_a_verb_and_its_argument() -> None:
    action, argument = parse_command("  suspend web-1  dev ", VERBS)
    assert (action.id, argument) == ("microvm.suspend", "web-1  dev")
    assert parse_command("q", VERBS)[0].id == "app.back"
    with pytest.raises(ValueError, match="did you mean suspend"):
        parse_command("suspnd", VERBS)
    with pytest.raises(ValueError, match=r"'s': did you mean .*suspend"):
        parse_command("s", VERBS)
    with pytest.raises(ValueError, match="tab goes through those there are"):
        parse_command("xyzzy", VERBS)


def test_completions_begin_first_then_contain() -> None:
    assert completions("su", WORDS, VERBS) == ["suspend"]
    assert completions("sort a", WORDS, VERBS) == ["sort age", "sort -age", "sort name"]
    assert completions("suspend web-1 d", WORDS, VERBS) == ["suspend web-1 dev"]
    assert completions("help x", WORDS, VERBS) == []
    assert "terminate" in completions("", WORDS, VERBS)


def test_choices_that_do_not_fit_are_told_of() -> None:
    words = [f"choice-{number}" for number in range(40)]
    assert choice_line(words[:2], -1, 60).plain == "choice-0  choice-1  "
    cut = choice_line(words, -1, 60)
    assert cut.plain.endswith("choice-4  …")
    assert cut.cell_length <= 60
    later = choice_line(words, 30, 90).plain
    assert later.startswith("…  choice-24")
    assert "choice-30" in later
    assert later.endswith("…")


@given(st.text())
def test_any_line_is_understood_or_refused(line: str) -> None:
    verb = line.split(" ")[0] if line.strip() else ""
    if verb in VERBS:
        assert parse_command(line, VERBS)[0].verb == verb
    assert len(completions(line, WORDS, VERBS)) <= 50


async def type_line(pilot: AppPilot, line: str) -> None:
    await pilot.press("colon")
    for character in line:
        await pilot.press("space" if character == " " else character)
    await pilot.press("enter")


async def test_named_microvms_are_found_by_name_id_or_beginning(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        await type_line(pilot, "suspend web-1")
        await until(pilot, lambda: len(accounts.fleet.performed) == 1)
        await type_line(pilot, "resume microvm-00000003")
        await until(pilot, lambda: len(accounts.fleet.performed) == 2)
        assert accounts.fleet.performed == [
            ("microvm.suspend", (microvm(1).id,)),
            ("microvm.resume", (microvm(3).id,)),
        ]
        await type_line(pilot, "suspend 0000000")
        assert said(app.desk)[0] == "'0000000' means 6 MicroVMs: give more of the id."
        await type_line(pilot, "suspend nobody")
        assert said(app.desk)[0] == "There is no MicroVM 'nobody'."


async def test_table_verbs(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        table = app.desk.fleet_screen.table
        await type_line(pilot, "sort -name")
        assert table.sorting == ("name", True)
        await pilot.press("I")
        assert table.sorting == ("name", False)
        await type_line(pilot, "sort cost")
        assert "Cannot sort by 'cost'" in said(app.desk)[0]
        await type_line(pilot, "columns name,state")
        assert table.column_ids == ("name", "state")
        await type_line(pilot, "columns price")
        assert "no column 'price'" in said(app.desk)[0]
        await type_line(pilot, "filter state:susp")
        assert cursor(app.desk) == "dev"
        await type_line(pilot, "filter size:x")
        assert "is not a size" in said(app.desk)[0]
        await type_line(pilot, "name box")
        await until(pilot, lambda: cursor(app.desk) == "box")
        await type_line(pilot, "ended")
        await type_line(pilot, "filter state:ended")
        await until(pilot, lambda: table.visible_ids() == (microvm(6).id,))


async def test_tab_completes_and_up_recalls(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path)
    async with filled(app) as pilot:
        await pilot.press("colon", *"so")
        await until(pilot, lambda: "sort" in shown(pilot))
        await pilot.press("tab", "space", *"na", "tab", "enter")
        assert app.desk.fleet_screen.table.sorting == ("name", False)
        await pilot.press("colon", "up")
        line = app.desk.fleet_screen.query_one(CommandLine)
        assert line.query_one("Input").value == "sort name"  # type: ignore[attr-defined]
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is app.desk.fleet_screen.table)
