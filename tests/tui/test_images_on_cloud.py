"""Images in the UI on a real local cloud: from a folder to a version, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Input

from mvm_tui.aws.session import Target
from mvm_tui.local.launch import Facts
from mvm_tui.model.clock import SystemClock
from mvm_tui.tui.app import MvmApp
from mvm_tui.tui.connect import opener
from mvm_tui.tui.dialogs.build import BuildDialog
from mvm_tui.tui.dialogs.confirm import Confirm
from mvm_tui.tui.on_images import images_screen
from mvm_tui.tui.screens.building import BuildingScreen
from mvm_tui.tui.screens.images import ImagesScreen
from mvm_tui.tui.start import StartOptions
from tests.cloud import client, cloud_process
from tests.tui.driving import AppPilot, running, said, shown, until
from tests.tui.screens.test_images import pane, said_empty, table

HELLO_WEB = Path(__file__).parents[2] / "examples" / "hello-web"


@pytest.fixture(scope="module")
def facts() -> Iterator[Facts]:
    with cloud_process("empty", speed=100.0, rates=False) as facts:
        yield facts


def make_app(facts: Facts, state_dir: Path) -> MvmApp:
    target = Target(None, facts.region, facts.endpoint, facts.access_key, facts.secret_key)
    clock = SystemClock()
    options = StartOptions(target, state_dir, clock=clock)
    return MvmApp(options, opener(state_dir, clock, options.settings))


async def build(pilot: AppPilot, app: MvmApp, folder: Path, **fields: str) -> None:
    """Fill the build dialog that is open, and wait until the build is over."""
    await until(pilot, lambda: isinstance(app.screen, BuildDialog) and app.screen.is_mounted)
    dialog = app.screen
    dialog.query_one("#folder", Input).value = str(folder)
    for name, value in fields.items():
        dialog.query_one(f"#{name}", Input).value = value
    await until(pilot, lambda: " files, " in shown(pilot))
    before = len(app.desk.builds.all)
    await pilot.press("ctrl+s")
    await until(pilot, lambda: isinstance(app.screen, BuildingScreen), 30)
    await until(pilot, lambda: len(app.desk.builds.all) > before and not app.desk.builds.under_way, 60)


async def test_from_a_folder_to_a_version_and_what_becomes_of_it(facts: Facts, tmp_path: Path) -> None:
    app = make_app(facts, tmp_path)
    async with running(app, (190, 45)) as pilot:
        await until(pilot, lambda: app.desk.fleet is not None, 30)
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, ImagesScreen) and app.screen.is_mounted)
        screen = images_screen(app.desk)
        await until(pilot, lambda: "B builds one from a folder" in said_empty(screen), 30)

        await pilot.press("B")
        await build(pilot, app, HELLO_WEB, name="hello-web")
        job = app.desk.builds.all[0]
        assert (job.label, job.built, job.problem) == ("hello-web:1.0", True, None)
        await until(pilot, lambda: "hello-web:1.0 is built and may be launched." in shown(pilot))
        await until(pilot, lambda: any("COPY app.py" in line for line in job.lines), 30)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is screen and "Graviton 4" in pane(screen), 30)
        assert screen.number == "1.0"

        await pilot.press("N")
        await build(pilot, app, HELLO_WEB, description="the second")
        assert app.desk.builds.all[-1].label == "hello-web:2.0"
        await pilot.press("enter", "escape")
        await until(pilot, lambda: "active · latest" in table(screen).splitlines()[0], 30)
        assert screen.query_one("LineList").chosen == "2.0"  # type: ignore[attr-defined]

        await pilot.press("i")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await until(pilot, lambda: "○" in table(screen) or "inactive" in table(screen).splitlines()[0], 30)
        await pilot.press("n")
        await until(pilot, lambda: any("is inactive: activate it first" in text for text in said(app.desk)))
        await pilot.press("a")
        await until(pilot, lambda: "active · latest" in table(screen).splitlines()[0], 30)

        await pilot.press("j", "D")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        app.screen.query_one(Input).value = "hello-web:1.0"
        await pilot.press("enter")
        await until(pilot, lambda: len(table(screen).splitlines()) == 1, 30)
    microvms = client(facts)
    arn = job.image_arn
    left = microvms.list_microvm_image_versions(imageIdentifier=arn)["items"]
    assert [(one["imageVersion"], one["status"], one["description"]) for one in left] == [
        ("2.0", "ACTIVE", "the second")
    ]


async def test_a_build_that_fails_says_why(facts: Facts, tmp_path: Path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "Dockerfile").write_text('FROM scratch\nCOPY nothing.py .\nEXPOSE 80\nCMD ["x"]\n')
    app = make_app(facts, tmp_path)
    async with running(app) as pilot:
        await until(pilot, lambda: app.desk.fleet is not None, 30)
        await pilot.press("B")
        await build(pilot, app, folder, name="broken")
        await until(pilot, lambda: "Why it failed" in shown(pilot))
        job = app.desk.builds.all[0]
        assert not job.built
        assert job.diagnosis is not None
        assert job.diagnosis.reasons
        assert any("could not be built" in text for text in said(app.desk))
