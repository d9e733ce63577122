"""The images screen by key: the table, down to versions and builds, and what can be done to each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input, Static, TextArea

from mvm_tui.fleet.actions import ACTIONS
from mvm_tui.fleet.sections import IMAGES
from mvm_tui.model.errors import Conflict, Denied
from mvm_tui.tui.dialogs.compare import CompareDialog
from mvm_tui.tui.dialogs.confirm import Confirm
from mvm_tui.tui.dialogs.launch import LaunchDialog
from mvm_tui.tui.dialogs.tags import TagsDialog
from mvm_tui.tui.dialogs.text import TextDialog
from mvm_tui.tui.screens.images import ImagesScreen
from mvm_tui.tui.screens.logs import LogsScreen
from mvm_tui.tui.widgets.detail import DetailPane
from mvm_tui.tui.widgets.footer import Footer
from mvm_tui.tui.widgets.line_list import LineList
from tests.tui.driving import AppPilot, filled, said, shown, until
from tests.tui.fake_images import SECRET, version
from tests.tui.fakes import FakeAccounts, image_arn, make_app

WEB = image_arn("hello-web")


@asynccontextmanager
async def on_images(
    accounts: FakeAccounts, folder: Path, size: tuple[int, int] = (190, 40), **options: object
) -> AsyncIterator[tuple[AppPilot, ImagesScreen]]:
    app = make_app(accounts, folder, **options)
    async with filled(app, size) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, ImagesScreen) and app.screen.is_mounted)
        screen = app.screen
        assert isinstance(screen, ImagesScreen)
        yield pilot, screen


def table(screen: ImagesScreen) -> str:
    box = screen.query_one(LineList)
    return "\n".join(str(box.get_option_at_index(index).prompt) for index in range(box.option_count))


def pane(screen: ImagesScreen) -> str:
    return "\n".join(str(static.visual) for static in screen.query_one(DetailPane).query(Static))


def said_empty(screen: ImagesScreen) -> str:
    return str(screen.query_one("#image-empty", Static).visual)


async def at(pilot: AppPilot, screen: ImagesScreen, name: str) -> None:
    """Put the cursor on an image."""
    await until(pilot, lambda: screen.shelf.images is not None and name in table(screen))
    screen.query_one(LineList).go_to(image_arn(name))
    await until(pilot, lambda: screen.shelf.versions(image_arn(name)).value is not None)


async def down(pilot: AppPilot, screen: ImagesScreen, name: str) -> None:
    """Go down to the versions of an image."""
    await at(pilot, screen, name)
    await pilot.press("enter")
    await until(pilot, lambda: screen.image_arn == image_arn(name))


async def test_the_table_tells_of_each_image(tmp_path: Path) -> None:
    async with on_images(FakeAccounts(), tmp_path) as (pilot, screen):
        await until(pilot, lambda: "…  …" not in table(screen) and "2 GB" in table(screen))
        lines = {line.split()[2]: line for line in table(screen).splitlines() if line}
        assert list(lines) == ["broken", "hello-web", "worker"]
        # State, name, active, failed, living MicroVMs, versions, size.
        assert lines["hello-web"].split()[:8] == ["●", "created", "hello-web", "2.0", "—", "3", "2", "2"]
        assert lines["broken"].split()[3:5] == ["—", "1.0"]
        await at(pilot, screen, "hello-web")
        await until(pilot, lambda: "team=a" in pane(screen))
        assert "web-1" in pane(screen)


async def test_down_to_versions_and_builds_and_back(tmp_path: Path) -> None:
    async with on_images(FakeAccounts(), tmp_path) as (pilot, screen):
        await down(pilot, screen, "hello-web")
        await until(pilot, lambda: "al2023-1 1.0 deprecated" in table(screen))
        first, second = table(screen).splitlines()
        assert "● successful" in first
        assert "active · latest" in first
        assert "inactive" in second
        await until(pilot, lambda: "memory 512 MiB" in pane(screen))
        await pilot.press("j", "enter")
        assert screen.number == "1.0"
        await until(pilot, lambda: "Graviton 4" in pane(screen) and "disk 1,024 MiB" in pane(screen))
        text = pane(screen)
        for words in ("2 is newer", "deprecated", "role/build", "s3://bucket", "ready  120 s", "9000"):
            assert words in text
        await pilot.press("escape")
        assert screen.number == ""
        assert screen.query_one(LineList).chosen == "1.0", "the cursor is where it went down"
        await pilot.press("escape")
        assert screen.query_one(LineList).chosen == WEB
        await pilot.press("escape")
        assert pilot.app.screen is screen


async def test_values_of_variables_are_hidden_until_asked_for(tmp_path: Path) -> None:
    async with on_images(FakeAccounts(), tmp_path) as (pilot, screen):
        await down(pilot, screen, "hello-web")
        await pilot.press("enter")
        await until(pilot, lambda: "TOKEN" in pane(screen))
        assert SECRET not in pane(screen)
        await pilot.press("m")
        await until(pilot, lambda: SECRET in pane(screen))
        await pilot.press("escape", "enter")
        await until(pilot, lambda: "TOKEN" in pane(screen))
        assert SECRET not in pane(screen), "another look hides them again"
        await pilot.press("v")
        await until(pilot, lambda: isinstance(pilot.app.screen, TextDialog) and "imageArn" in shown(pilot))
        assert SECRET not in shown(pilot)


async def test_a_failed_build_says_why(tmp_path: Path) -> None:
    async with on_images(FakeAccounts(), tmp_path) as (pilot, screen):
        await down(pilot, screen, "broken")
        await pilot.press("enter")
        await until(pilot, lambda: "timed out after PT5M" in pane(screen))
        assert "never became ready" in pane(screen)
        assert "listens on 0.0.0.0" in pane(screen)


async def test_two_versions_are_compared(tmp_path: Path) -> None:
    async with on_images(FakeAccounts(), tmp_path) as (pilot, screen):
        await down(pilot, screen, "hello-web")
        await pilot.press("equals_sign")
        await until(pilot, lambda: any("Mark another version" in text for text in said(screen.desk)))
        await pilot.press("G", "space")
        assert "✓" in table(screen)
        await pilot.press("g", "equals_sign")
        await until(pilot, lambda: isinstance(pilot.app.screen, CompareDialog))
        text = shown(pilot)
        for words in ("- hello-web:1.0", "+ hello-web:2.0", "- 1 GB", "+ 2 GB", "env TOKEN", "description"):
            assert words in text
        assert "env LEVEL" not in text
        assert SECRET not in text
        await pilot.press("m")
        assert SECRET in shown(pilot)


async def test_base_images_with_what_sits_on_them(tmp_path: Path) -> None:
    async with on_images(FakeAccounts(), tmp_path) as (pilot, screen):
        await pilot.press("tab")
        await until(pilot, lambda: "hello-web:1.0" in table(screen))
        newest, old, odd = table(screen).splitlines()
        assert "available · newest" in newest
        assert "deprecated" in old
        assert "expiring" in odd
        await until(pilot, lambda: "1 of our versions sit" in shown(pilot))
        await pilot.press("escape")
        assert screen.showing == "images"


async def test_deactivate_activate_and_launch(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    async with on_images(accounts, tmp_path) as (pilot, screen):
        await down(pilot, screen, "hello-web")
        await pilot.press("i")
        await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        assert "what launches take now" in shown(pilot)
        await pilot.press("y")
        await until(pilot, lambda: "latest" not in table(screen) and pilot.app.screen is screen)
        assert accounts.images.done == [("set_status", WEB, "2.0", "INACTIVE")]
        await pilot.press("n")
        await until(pilot, lambda: any("activate it first" in text for text in said(screen.desk)))
        await pilot.press("a")
        await until(pilot, lambda: "latest" in table(screen))
        await pilot.press("n")
        await until(pilot, lambda: isinstance(pilot.app.screen, LaunchDialog))
        box = pilot.app.screen.query_one("#version")
        await until(pilot, lambda: box.value == "2.0")  # type: ignore[attr-defined]


async def test_deleting_a_version_asks_for_its_name(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    async with on_images(accounts, tmp_path) as (pilot, screen):
        await down(pilot, screen, "hello-web")
        await pilot.press("D")
        await until(pilot, lambda: any("is in use: terminate" in text for text in said(screen.desk)))
        await pilot.press("j", "D")
        await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        await pilot.press("enter")
        assert accounts.images.done == []
        pilot.app.screen.query_one(Input).value = "hello-web:1.0"
        await pilot.press("enter")
        await until(pilot, lambda: accounts.images.done == [("delete_version", WEB, "1.0")])
        await until(pilot, lambda: len(table(screen).splitlines()) == 1)
        await pilot.press("D")
        await until(pilot, lambda: any("the last version" in text for text in said(screen.desk)))


async def test_deleting_an_image_names_what_forbids_it(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    async with on_images(accounts, tmp_path) as (pilot, screen):
        await at(pilot, screen, "hello-web")
        await pilot.press("X")
        await until(pilot, lambda: any("web-1" in text and "terminate" in text for text in said(screen.desk)))
        await at(pilot, screen, "broken")
        await pilot.press("X")
        await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        assert "its one version" in shown(pilot)
        pilot.app.screen.query_one(Input).value = "broken"
        await pilot.press("enter")
        await until(pilot, lambda: "broken" not in table(screen))
        assert accounts.images.done == [("delete", image_arn("broken"))]


async def test_tags_are_changed_as_text(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    async with on_images(accounts, tmp_path) as (pilot, screen):
        await at(pilot, screen, "hello-web")
        await pilot.press("t")
        await until(pilot, lambda: isinstance(pilot.app.screen, TagsDialog))
        box = pilot.app.screen.query_one(TextArea)
        assert box.text == "team=a\nstage=dev"
        box.text = "team=b\nnonsense"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "write NAME=VALUE" in shown(pilot))
        box.text = "team=b\n\nowner="
        await pilot.press("ctrl+s")
        await until(pilot, lambda: len(accounts.images.done) == 1)
        assert accounts.images.done == [("set_tags", WEB, {"team": "b", "owner": ""}, ("stage",))]
        await until(pilot, lambda: "team=b" in pane(screen))


async def test_build_logs_open_on_the_logs_screen(tmp_path: Path) -> None:
    async with on_images(FakeAccounts(), tmp_path) as (pilot, screen):
        await at(pilot, screen, "hello-web")
        await pilot.press("l")
        await until(pilot, lambda: isinstance(pilot.app.screen, LogsScreen))
        reading = pilot.app.screen.session.reading  # type: ignore[attr-defined]
        assert (reading.subject.image_arn, reading.subject.version) == (WEB, "2.0")


@pytest.mark.parametrize(
    ("line", "done"),
    [
        ("deactivate worker:1", ("set_status", image_arn("worker"), "1.0", "INACTIVE")),
        ("activate hello:1.0", ("set_status", WEB, "1.0", "ACTIVE")),
        ("activate " + WEB.replace(":hello", "/hello") + ":1.0", ("set_status", WEB, "1.0", "ACTIVE")),
    ],
)
async def test_names_beginnings_and_arns_work_after_the_colon(
    tmp_path: Path, line: str, done: tuple[str, ...]
) -> None:
    accounts = FakeAccounts()
    async with on_images(accounts, tmp_path) as (pilot, screen):
        await until(pilot, lambda: screen.shelf.read_count() == 3)
        await pilot.press("colon", *line, "enter")
        if "deactivate" in line:
            await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
            await pilot.press("y")
        await until(pilot, lambda: accounts.images.done == [done])


async def test_names_are_completed_after_the_colon(tmp_path: Path) -> None:
    async with on_images(FakeAccounts(), tmp_path) as (pilot, screen):
        await until(pilot, lambda: screen.shelf.read_count() == 3)
        await pilot.press("colon", *"activate hello", "tab")
        await until(pilot, lambda: screen.query_one(Input).value == "activate hello-web:2.0")
        await pilot.press("escape", "colon", *"delete-image w", "tab")
        await until(pilot, lambda: screen.query_one(Input).value == "delete-image worker")


async def test_a_name_that_is_none_is_said(tmp_path: Path) -> None:
    async with on_images(FakeAccounts(), tmp_path) as (pilot, screen):
        await until(pilot, lambda: screen.shelf.read_count() == 3)
        for line, words in (
            ("activate nope:1", "There is no image"),
            ("activate worker:9", "no version 9"),
            ("activate", "Choose a version"),
        ):
            await pilot.press("colon", *line, "enter")
            await until(pilot, lambda words=words: any(words in text for text in said(screen.desk)))  # type: ignore[misc]


async def test_read_only_forbids_every_change(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    async with on_images(accounts, tmp_path, read_only=True) as (pilot, screen):
        await down(pilot, screen, "hello-web")
        for key in ("i", "a", "D", "X", "t", "n"):
            before = len(said(screen.desk))
            await pilot.press(key)
            await until(pilot, lambda before=before: len(said(screen.desk)) > before)  # type: ignore[misc]
            assert "Read-only" in said(screen.desk)[0]
        assert accounts.images.done == []


async def test_a_refused_change_says_why(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    async with on_images(accounts, tmp_path) as (pilot, screen):
        await down(pilot, screen, "hello-web")
        await until(pilot, lambda: "al2023-1 1.0 deprecated" in table(screen))
        accounts.images.problem = Conflict("The image is busy.", "It is in state UPDATING.", "Wait.")
        await pilot.press("j", "a")
        await until(pilot, lambda: any("The image is busy." in text for text in said(screen.desk)))


async def test_no_images_and_no_permission(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    accounts.images.held.clear()
    async with on_images(accounts, tmp_path, (80, 24)) as (pilot, screen):
        await until(pilot, lambda: "no images here yet" in said_empty(screen))
        accounts.images.problem = Denied("You may not list images.", "IAM says no.", "Ask for it.")
        await pilot.press("R")
        await until(pilot, lambda: "IAM says no." in said_empty(screen))


async def test_a_build_under_way_is_read_until_it_is_over(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    building = version("worker", "2.0", state="IN_PROGRESS")
    old = accounts.images.kept[image_arn("worker")]
    accounts.images.put("worker", [building, *old], "UPDATING")
    app = make_app(accounts, tmp_path)
    clock = app.options.clock
    async with filled(app, (190, 40)) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, ImagesScreen))
        screen = app.screen
        assert isinstance(screen, ImagesScreen)
        await down(pilot, screen, "worker")
        await until(pilot, lambda: "◌ in progress" in table(screen))
        accounts.images.put("worker", [replace(building, state="SUCCESSFUL"), *old], "UPDATED")
        clock.advance(3)  # type: ignore[attr-defined]
        await until(pilot, lambda: "in progress" not in table(screen))
        await until(pilot, lambda: "● successful" in pane(screen) and "memory 512" in pane(screen))


async def test_versions_are_read_for_what_is_on_screen_only(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    for number in range(500):
        accounts.images.put(f"image-{number:03}", [version(f"image-{number:03}", "1.0")])
    async with on_images(accounts, tmp_path, (120, 30)) as (pilot, screen):
        await until(pilot, lambda: screen.shelf.images is not None)
        sight = len(screen.query_one(LineList).in_sight())
        await until(pilot, lambda: screen.shelf.read_count() >= sight)
        await pilot.pause(0.05)
        assert screen.shelf.read_count() <= sight + 2
        await pilot.press("G")
        await until(pilot, lambda: screen.shelf.versions(image_arn("worker")).value is not None)


async def test_untrusted_text_stays_text(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    odd = version("odd", "1.0", state="FAILED", state_reason="\x1b[31m[red]boo[/red]", description="[b]x")
    accounts.images.put("odd", [odd])
    async with on_images(accounts, tmp_path) as (pilot, screen):
        await down(pilot, screen, "odd")
        await until(pilot, lambda: "[red]boo[/red]" in pane(screen))
        assert "\x1b" not in pane(screen) + table(screen)


async def test_help_and_footer_come_from_the_registry(tmp_path: Path) -> None:
    async with on_images(FakeAccounts(), tmp_path, (200, 50)) as (pilot, screen):
        await down(pilot, screen, "hello-web")
        await until(pilot, lambda: "compare" in screen.query_one(Footer).render().plain)
        await pilot.press("question_mark")
        await until(pilot, lambda: "Help" in str(pilot.app.screen.query_one(".box").border_title))
        own = [one for one in ACTIONS if one.scope in IMAGES.scopes and one.id.startswith("image")]
        assert all(one.help in shown(pilot).replace("\n", " ") or len(one.help) > 50 for one in own)
