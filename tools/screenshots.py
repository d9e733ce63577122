"""Draws the main screens into ``screenshots/`` as SVG and PNG.

The UI runs against the local cloud's own parts in this process, on a clock that stands still, so that the
same code always draws the same pictures.

    python tools/screenshots.py [--into FOLDER] [--all]

``--all`` draws every screen at every size in both themes, to be looked at.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import resvg_py
from aiohttp import web
from textual.pilot import Pilot
from textual.widgets import Input

from mvm_tui.aws.session import Target
from mvm_tui.cli.cloud import name_demo
from mvm_tui.fleet.figures import Figures
from mvm_tui.fleet.sections import COST, IMAGES
from mvm_tui.local.api import Api
from mvm_tui.local.clock import ManualTiming
from mvm_tui.local.control import Control
from mvm_tui.local.faults import Faults
from mvm_tui.local.launch import Facts
from mvm_tui.local.rates import Rates
from mvm_tui.local.seeds import plant
from mvm_tui.local.server import LocalServer
from mvm_tui.local.sigv4 import RunKey, Verifier
from mvm_tui.local.state.cloud import Cloud, CloudOptions
from mvm_tui.model.cost import SNAPSHOT_IS_BASELINE
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.tui.app import MvmApp
from mvm_tui.tui.connect import opener
from mvm_tui.tui.seams import FleetLike
from mvm_tui.tui.start import StartOptions
from tools.screenshot_logs import plant_logs
from tools.screenshot_shells import SHELL_SHOTS, SIZE, draw_shell

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 23, 14, 21, 7, tzinfo=UTC)
KEY = RunKey("LOCALSCREENSHOTS", "not-a-secret-of-anything")
REGION = "us-east-1"
# The port that endpoints carry; the real one differs from run to run.
SHOWN_PORT = 47_115
THEMES = {"dark": "mvm-dark", "light": "mvm-light"}
SIZES = ((80, 24), (120, 40), (200, 50))
# Longer than the second in which screens look again at what threads found out.
_CALM_SECONDS = 1.3
_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
_FAMILY = "DejaVu Sans Mono, Menlo, Consolas, monospace"


@dataclass(frozen=True)
class Shot:
    """One picture: what is typed before it, and at which sizes it is kept."""

    name: str
    keys: Sequence[str] = ()
    sizes: Sequence[tuple[int, int]] = ((120, 40),)


SHOTS = (
    Shot("fleet", (), SIZES),
    Shot("details", ("j", "enter"), ((80, 24),)),
    Shot("launch", ("j", "n")),
    Shot("terminate", ("j", "x")),
    Shot("several", ("space", "space", "x"), ()),
    Shot("filter", ("slash", *"state:run !web"), ()),
    Shot("command", ("colon", *"region eu"), ()),
    Shot("help", ("question_mark",)),
    Shot("palette", ("ctrl+p",), ()),
    Shot("actions", ("a",), ()),
    Shot("raw", ("v",), ()),
    Shot("sort", ("o",), ()),
    Shot("columns", ("c",), ()),
    Shot("name", ("e",), ()),
    Shot("region", ("colon", *"region", "enter"), ()),
    Shot("suspend", ("z",), ()),
    Shot("cost", ("5",), SIZES),
    Shot("cost-images", ("5", "tab"), ()),
    Shot("cost-forgotten", ("5", "tab", "tab", "tab"), ()),
    Shot("cost-storage", ("5", "tab", "tab", "tab", "tab"), ()),
    Shot("cost-quotas", ("5", "shift+tab"), ()),
    Shot("images", ("2",), SIZES),
    Shot("image-versions", ("2", "G", "enter"), ()),
    Shot("image-failed", ("2", "j", "j", "enter", "enter")),
    Shot("base-images", ("2", "tab"), ()),
    Shot("image-compare", ("2", "G", "enter", "space", "j", "equals_sign"), ()),
    Shot("build", ("2", "B", *"examples", "slash", *"hello", "minus", *"web"), ((120, 40),)),
    Shot("what-if", ("5", "w")),
    Shot("logs", ("space", "space", "l"), SIZES),
    Shot("logs-open", ("j", "l", "k", "k", "k", "enter", "f", *"items", "enter"), ()),
    Shot("logs-filter", ("j", "l", "slash", *"level>=warn", "enter"), ()),
    Shot("logs-choose", ("3",), ()),
    Shot("logs-help", ("j", "l", "question_mark"), ()),
    Shot("messages", ("z", "y", "exclamation_mark"), ()),
)


class StillClock:
    """The time of day stands still; intervals are real, or nothing would ever be read."""

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return time.monotonic()


@asynccontextmanager
async def still_cloud(root: Path) -> AsyncIterator[Facts]:
    """A local cloud with the demo's MicroVMs, all of it at `NOW`."""
    timing = ManualTiming(NOW)
    cloud = Cloud(CloudOptions(root=root, region=REGION, seed="demo"), timing)
    faults = Faults([])
    verifier = Verifier(KEY, lambda: datetime.now(UTC))
    api = Api(cloud, verifier, Rates(time.monotonic, on=False), faults)
    server = LocalServer(api, Control(KEY, faults), _no_endpoint)
    try:
        port = await server.start()
        cloud.bind(SHOWN_PORT)
        await plant(cloud)
        plant_logs(cloud.region(REGION), NOW)
        account = cloud.options.account
        yield Facts(f"http://127.0.0.1:{port}", KEY.access_key, KEY.secret_key, REGION, account)
    finally:
        await server.stop()
        await cloud.close()


async def _no_endpoint(request: web.BaseRequest, uuid: str, region: str) -> web.StreamResponse:
    return web.Response(status=403)


async def draw(shot: Shot, theme: str, size: tuple[int, int], folder: Path) -> None:
    """Draw one picture, on a cloud and a UI of its own."""
    with tempfile.TemporaryDirectory(prefix="mvm-tui-screenshot-") as name:
        root = Path(name)
        async with still_cloud(root) as facts:
            name_demo(root, facts)
            clock = StillClock()
            target = Target(None, REGION, facts.endpoint, facts.access_key, facts.secret_key)
            options = StartOptions(target, root, demo=True, clock=clock, theme=THEMES[theme])
            app = MvmApp(options, opener(root, clock, options.settings))
            async with app.run_test(size=size, notifications=True) as pilot:
                await _settled(app, pilot)
                await pilot.press(*("space" if key == " " else key for key in shot.keys))
                await _settled(app, pilot)
                svg = app.export_screenshot(title="mvm-tui")
    stem = folder / f"{shot.name}-{theme}-{size[0]}x{size[1]}"
    save(svg, stem)


async def _settled(app: MvmApp, pilot: Pilot[int]) -> None:
    """Wait until all is read and nothing has been redrawn for a moment."""
    deadline = time.monotonic() + 30
    last, since = "", time.monotonic()
    while time.monotonic() < deadline:
        await pilot.pause(0.05)
        if not app.ready or app.desk.fleet is None or not _read(app.desk.fleet):
            continue
        if app.desk.front.section in (COST, IMAGES) and not _priced(app.desk.fleet.spend.figures):
            continue
        for box in app.screen.query(Input):
            box.cursor_blink = False
        drawn = app.export_screenshot()
        if drawn != last:
            last, since = drawn, time.monotonic()
        elif time.monotonic() - since > _CALM_SECONDS:
            return
    raise TimeoutError("the screen never came to rest")


def _priced(figures: Figures | None) -> bool:
    """Whether the sizes of all image versions are known, and with them the end of the month."""
    details = figures.details if figures else None
    versions = details.versions if details else None
    return versions is not None and all(one.per_hour is not None for one in versions)


def _read(fleet: FleetLike) -> bool:
    """Whether there are MicroVMs and nothing of the living ones is still to be read, their snapshots' sizes
    included."""
    alive = [row for row in fleet.rows().values() if not row.vm.ended]
    return bool(alive) and all(row.vm.details and row.memory_mib and _measured(fleet, row) for row in alive)


def _measured(fleet: FleetLike, row: FleetRow) -> bool:
    found = fleet.spend.tariff((row.vm.image_arn, row.vm.image_version))
    return found is not None and SNAPSHOT_IS_BASELINE not in found.snapshot.assumptions


def save(svg: str, stem: Path) -> None:
    """Write both forms. The SVG asks for no font from the web; the PNG is drawn with the bundled one."""
    own = _FACE.sub("", svg).replace("Fira Code", _FAMILY)
    stem.with_suffix(".svg").write_text("\n".join(line.rstrip() for line in own.splitlines()) + "\n")
    fonts = [str(file) for file in sorted((HERE / "fonts").glob("*.ttf"))]
    drawn = own.replace(_FAMILY, "DejaVu Sans Mono")
    png = resvg_py.svg_to_bytes(svg_string=drawn, font_files=fonts, skip_system_fonts=True)
    stem.with_suffix(".png").write_bytes(bytes(png))


def wanted(every: bool) -> Iterator[tuple[Shot, str, tuple[int, int]]]:
    for shot in SHOTS:
        for size in SIZES if every else shot.sizes:
            for theme in THEMES:
                yield shot, theme, size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=HERE.parent / "screenshots")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--only", default="", help="the name of one screen")
    options = parser.parse_args()
    os.environ["TZ"] = "UTC"
    time.tzset()
    options.into.mkdir(parents=True, exist_ok=True)
    for shot, theme, size in wanted(options.all):
        if options.only in ("", shot.name):
            asyncio.run(draw(shot, theme, size, options.into))
            print(f"{shot.name} {theme} {size[0]}x{size[1]}")
    for shell_shot in SHELL_SHOTS:
        for theme, name in THEMES.items() if options.only in ("", shell_shot.name) else ():
            svg = asyncio.run(draw_shell(shell_shot, name))
            save(svg, options.into / f"shell-{shell_shot.name}-{theme}-{SIZE[0]}x{SIZE[1]}")
            print(f"shell {shell_shot.name} {theme}")


if __name__ == "__main__":
    main()
