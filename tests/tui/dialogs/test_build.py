"""The build dialog: what it says of the folder and the fields, and the build that comes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.widgets import Button, Input, Select, Static, TextArea

from mvm_tui.builds.place import Bucket
from mvm_tui.config.schema import Build, Settings
from mvm_tui.model.errors import Denied
from mvm_tui.model.image_spec import Hook
from mvm_tui.model.launch import Logging
from mvm_tui.tui.dialogs.build import BuildDialog
from mvm_tui.tui.dialogs.confirm import Confirm
from mvm_tui.tui.dialogs.text import TextDialog
from mvm_tui.tui.screens.building import BuildingScreen
from mvm_tui.tui.screens.images import ImagesScreen
from tests.tui.driving import AppPilot, filled, said, shown, until
from tests.tui.fake_images import BASE_ARN, SECRET
from tests.tui.fakes import FakeAccounts, image_arn, make_app

DOCKERFILE = 'FROM scratch\nCOPY . .\nEXPOSE 8080\nCMD ["python3", "app.py"]\n'
ROLE = "arn:aws:iam::000000000000:role/build"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "app"
    made.mkdir()
    (made / "Dockerfile").write_text(DOCKERFILE)
    (made / "app.py").write_text("print()")
    return made


@asynccontextmanager
async def dialog(
    accounts: FakeAccounts, state: Path, size: tuple[int, int] = (120, 50), **options: object
) -> AsyncIterator[tuple[AppPilot, BuildDialog]]:
    app = make_app(accounts, state, **options)
    async with filled(app, size) as pilot:
        await pilot.press("B")
        await until(pilot, lambda: isinstance(app.screen, BuildDialog) and app.screen.is_mounted)
        box = app.screen
        assert isinstance(box, BuildDialog)
        yield pilot, box


def put(box: BuildDialog, **fields: object) -> None:
    for name, value in fields.items():
        box.query_one(f"#{name}", Input).value = str(value)


def note(box: BuildDialog, name: str) -> str:
    found = box.query_one(f"#note-{name}", Static)
    return str(found.visual) if found.display else ""


async def ready(pilot: AppPilot, box: BuildDialog) -> None:
    await until(pilot, lambda: " files, " in note(box, "folder"))


async def test_the_folder_is_looked_over_as_it_is_named(tmp_path: Path, folder: Path) -> None:
    (folder / ".env").write_text("TOKEN=x")
    async with dialog(FakeAccounts(), tmp_path) as (pilot, box):
        put(box, folder=tmp_path)
        await until(pilot, lambda: "no Dockerfile at the root" in note(box, "folder"))
        put(box, folder=tmp_path / "nowhere")
        await until(pilot, lambda: "is no folder" in note(box, "folder"))
        put(box, folder=folder)
        await until(pilot, lambda: "3 files" in note(box, "folder") and "often secret" in note(box, "folder"))
        box.query_one("#hooks", TextArea).text = "ready=9000"
        await until(pilot, lambda: "go to port 9000" in note(box, "folder"))
        await pilot.press("ctrl+l")
        await until(pilot, lambda: isinstance(pilot.app.screen, TextDialog) and "app.py" in shown(pilot))


async def test_a_folder_is_completed(tmp_path: Path, folder: Path) -> None:
    async with dialog(FakeAccounts(), tmp_path) as (pilot, box):
        field = box.query_one("#folder", Input)
        field.value = str(folder)[:-1]
        field.cursor_position = len(field.value)
        await until(pilot, lambda: field._suggestion == f"{folder}/")
        await pilot.press("right")
        assert field.value == f"{folder}/"


async def test_all_fields_reach_the_build(tmp_path: Path, folder: Path) -> None:
    accounts = FakeAccounts()
    async with dialog(accounts, tmp_path) as (pilot, box):
        await until(pilot, lambda: "al2023-1" in str(box.query_one("#base", Select)._options))
        put(box, folder=folder, name="web", role=ROLE, bucket="mine", description="a test", base_version="2")
        box.query_one("#memory", Select).value = "4096"
        box.query_one("#base", Select).value = BASE_ARN
        box.query_one("#logging", Select).value = "own"
        await until(pilot, lambda: "name the group" in note(box, "logging"))
        put(box, log_group="/own")
        box.query_one("#hooks", TextArea).text = "ready=8080:2m\n\nrun=8080"
        box.query_one("#tags", TextArea).text = "team=a"
        await ready(pilot, box)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, BuildingScreen))
        [(spec, bucket)] = accounts.builder.prepared
        assert bucket == "mine"
        assert (spec.name, spec.memory_mib, spec.base_arn, spec.base_version) == ("web", 4_096, BASE_ARN, "2")
        assert spec.hooks == (Hook("ready", 8_080, 120), Hook("run", 8_080))
        assert (spec.tags, spec.logging) == ((("team", "a"),), Logging(group="/own"))
        assert (spec.role, spec.description) == (ROLE, "a test")


async def test_values_of_variables_are_shown_when_asked_for_only(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "vars").write_text("# comment\nexport ONE=1\n")
    accounts = FakeAccounts()
    async with dialog(accounts, tmp_path) as (pilot, box):
        field = box.query_one("#variable", Input)
        field.focus()
        put(box, variable="TOKEN", value=SECRET)
        await pilot.press("enter")
        await until(pilot, lambda: "TOKEN=•" in note(box, "env"))
        assert SECRET not in shown(pilot)
        assert box.query_one("#value", Input).password
        put(box, variable=f"@{tmp_path / 'vars'}")
        await pilot.press("enter")
        await until(pilot, lambda: "ONE=•" in note(box, "env"))
        await pilot.press("ctrl+e")
        await until(pilot, lambda: f"TOKEN={SECRET}" in note(box, "env"))
        put(box, variable="-TOKEN")
        await pilot.press("enter")
        await until(pilot, lambda: "TOKEN" not in note(box, "env"))
        put(box, variable="@/no/such/file")
        await pilot.press("enter")
        await until(pilot, lambda: "cannot read" in note(box, "env"))
        put(box, folder=folder, name="web")
        await ready(pilot, box)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "A variable cannot be set" in shown(pilot))
        put(box, variable="", value="x")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "this value has no name" in note(box, "env"))
        put(box, value="")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: len(accounts.builder.prepared) == 1)
        assert accounts.builder.prepared[0][0].environment == (("ONE", "1"),)


async def test_what_is_typed_as_a_value_is_not_lost(tmp_path: Path, folder: Path) -> None:
    accounts = FakeAccounts()
    async with dialog(accounts, tmp_path) as (pilot, box):
        put(box, folder=folder, name="web", variable="LEVEL", value="info")
        await ready(pilot, box)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: len(accounts.builder.prepared) == 1)
        assert accounts.builder.prepared[0][0].environment == (("LEVEL", "info"),)


async def test_what_would_be_refused_is_said_beside_the_field(tmp_path: Path, folder: Path) -> None:
    accounts = FakeAccounts()
    async with dialog(accounts, tmp_path) as (pilot, box):
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "1 to 64 letters" in note(box, "name"))
        put(box, name="web", role="admin")
        await until(pilot, lambda: "a role's ARN" in note(box, "role"))
        put(box, role="")
        box.query_one("#hooks", TextArea).text = "run=9000"
        await until(pilot, lambda: "need ready too" in note(box, "hooks"))
        box.query_one("#hooks", TextArea).text = "nonsense"
        await until(pilot, lambda: "NAME=PORT:TIME" in note(box, "hooks"))
        box.query_one("#hooks", TextArea).text = ""
        await pilot.pause(0.05)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "The folder cannot be built" in shown(pilot))
        assert accounts.builder.prepared == []


async def test_making_a_bucket_is_a_question(tmp_path: Path, folder: Path) -> None:
    accounts = FakeAccounts()
    accounts.builder.bucket = Bucket("mvm-tui-000-us-east-1", exists=False)
    async with dialog(accounts, tmp_path) as (pilot, box):
        put(box, folder=folder, name="web")
        await ready(pilot, box)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        assert "Create the bucket mvm-tui-000-us-east-1 in us-east-1?" in shown(pilot)
        await pilot.press("n")
        await until(pilot, lambda: pilot.app.screen is box)
        assert accounts.builder.begun == []
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        await pilot.press("y")
        await until(pilot, lambda: len(accounts.builder.begun) == 1)
        await until(pilot, lambda: any("web:1.0 is being built." in text for text in said(box.desk)))
        assert any("Created the bucket mvm-tui-000" in text for text in said(box.desk))


async def test_what_keeps_a_build_back_is_said_and_nothing_typed_is_lost(
    tmp_path: Path, folder: Path
) -> None:
    accounts = FakeAccounts()
    accounts.builder.problem = Denied("A build needs a role.", "Lambda reads as it.", "Name it.")
    async with dialog(accounts, tmp_path, (80, 24)) as (pilot, box):
        put(box, folder=folder, name="web")
        await ready(pilot, box)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "A build needs a role. Lambda reads as it." in shown(pilot))
        assert box.query_one("#name", Input).value == "web"
        assert str(box.query_one("#build", Button).label) == "Build"
        assert box.query_one(".box").content_region.contains_region(box.query_one("#build").region)


async def test_a_new_version_begins_as_the_last_one_was(tmp_path: Path, folder: Path) -> None:
    accounts = FakeAccounts()
    app = make_app(accounts, tmp_path)
    async with filled(app, (120, 50)) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, ImagesScreen) and app.screen.is_mounted)
        await pilot.press("colon", *"new-version hello", "enter")
        await until(pilot, lambda: isinstance(app.screen, BuildDialog) and app.screen.is_mounted)
        box = app.screen
        assert isinstance(box, BuildDialog)
        form = box.form
        assert (form.name, form.description, form.bucket) == ("hello-web", "now", "bucket")
        assert form.hooks == "ready=9000:120s\nrun=9000"
        assert SECRET not in shown(pilot)
        assert box.query_one("#name").disabled
        assert not box.query("#tags")
        put(box, folder=folder)
        await ready(pilot, box)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: len(accounts.builder.prepared) == 1)
        spec, _ = accounts.builder.prepared[0]
        assert dict(spec.environment) == {"LEVEL": "info", "TOKEN": SECRET}
        assert (spec.base_arn, spec.base_version, spec.egress_arn) == (BASE_ARN, "", "")


async def test_the_config_fills_what_it_says(tmp_path: Path) -> None:
    settings = Settings(build=Build(bucket="ours", role=ROLE, memory=512, base="al2023-1"))
    async with dialog(FakeAccounts(), tmp_path, settings=settings) as (pilot, box):
        await until(pilot, lambda: box.query_one("#base", Select).value == BASE_ARN)
        form = box.form
        assert (form.bucket, form.role, form.memory_mib) == ("ours", ROLE, 512)


async def test_read_only_builds_nothing(tmp_path: Path) -> None:
    app = make_app(FakeAccounts(), tmp_path, read_only=True)
    async with filled(app) as pilot:
        await pilot.press("B")
        await until(pilot, lambda: any("Read-only" in text for text in said(app.desk)))
        assert app.screen is app.desk.fleet_screen


# The builds that are under way


async def begin(pilot: AppPilot, box: BuildDialog, folder: Path) -> None:
    put(box, folder=folder, name="web")
    await ready(pilot, box)
    await pilot.press("ctrl+s")
    await until(pilot, lambda: isinstance(pilot.app.screen, BuildingScreen))


async def test_a_build_can_be_left_and_come_back_to(tmp_path: Path, folder: Path) -> None:
    accounts = FakeAccounts()
    accounts.builder.zipped.clear()
    accounts.builder.ended.clear()
    async with dialog(accounts, tmp_path) as (pilot, box):
        await begin(pilot, box, folder)
        await until(pilot, lambda: "uploading" in shown(pilot) and " 50% of 6.0 MB" in shown(pilot))
        await pilot.press("escape")
        await pilot.press("q")
        await until(pilot, lambda: "You lose 1 build not uploaded yet" in shown(pilot))
        await pilot.press("n")
        accounts.builder.zipped.set()
        await pilot.press("ctrl+b")
        await until(pilot, lambda: isinstance(pilot.app.screen, BuildingScreen))
        await until(pilot, lambda: "a build usually takes" in shown(pilot))
        assert "Graviton 4" in shown(pilot)
        await until(pilot, lambda: "#2 [red]DONE[/red]" in shown(pilot))
        assert "\x1b" not in shown(pilot)
        accounts.builder.ended.set()
        await until(pilot, lambda: "web:1.0 is built and may be launched." in shown(pilot))
        assert any("web:1.0 is built." in text for text in said(box.desk))
        assert accounts.fleet.spend.reread >= 2, "what is stored is otherwise: begun, and built"
        await pilot.press("x")
        await until(pilot, lambda: "None." in shown(pilot))


async def test_a_failed_build_ends_with_the_reason(tmp_path: Path, folder: Path) -> None:
    accounts = FakeAccounts()
    accounts.builder.state = "FAILED"
    async with dialog(accounts, tmp_path) as (pilot, box):
        await begin(pilot, box, folder)
        await until(pilot, lambda: "Why it failed" in shown(pilot))
        for words in ("timed out after PT5M", "listens on 0.0.0.0", "the last line of its log"):
            assert words in shown(pilot)
        assert any("web:1.0 could not be built." in text for text in said(box.desk))


async def test_an_upload_can_be_called_off(tmp_path: Path, folder: Path) -> None:
    accounts = FakeAccounts()
    accounts.builder.zipped.clear()
    async with dialog(accounts, tmp_path) as (pilot, box):
        await begin(pilot, box, folder)
        await pilot.press("x")
        await until(pilot, lambda: any("called off" in text for text in said(box.desk)))
        assert accounts.builder.begun == []


async def test_a_build_begun_elsewhere_is_followed_once(tmp_path: Path) -> None:
    accounts = FakeAccounts()
    accounts.builder.ended.clear()
    app = make_app(accounts, tmp_path)
    async with filled(app) as pilot:
        first = app.desk.builds.follow(image_arn("web"), "3.0")
        assert first is not None
        assert app.desk.builds.follow(image_arn("web"), "3.0") is first
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running or app.return_code == 0)
        accounts.builder.ended.set()
