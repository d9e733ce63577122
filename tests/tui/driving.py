"""Drives the app as a user does: presses keys and waits for what is to be seen."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Static

from mvm_tui.tui.app import MvmApp
from mvm_tui.tui.desk import Desk
from mvm_tui.tui.widgets.footer import Footer
from mvm_tui.tui.widgets.header import Header

AppPilot = Pilot[int]


@asynccontextmanager
async def running(app: MvmApp, size: tuple[int, int] = (120, 40)) -> AsyncIterator[AppPilot]:
    """The app on a screen of this size, once all its parts are there."""
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: app.ready)
        yield pilot


@asynccontextmanager
async def filled(app: MvmApp, size: tuple[int, int] = (120, 40)) -> AsyncIterator[AppPilot]:
    """The app once its table has rows."""
    async with running(app, size) as pilot:
        await until(pilot, lambda: app.desk.fleet_screen.table.cursor_row is not None)
        await until(pilot, lambda: "reading" not in footer(app.desk))
        yield pilot


async def until(pilot: AppPilot, condition: Callable[[], bool], seconds: float = 10) -> None:
    """Let the app work until the condition holds; AssertionError if it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        await pilot.pause(0.01)


def header(desk: Desk) -> str:
    return desk.fleet_screen.query_one(Header).render().plain.strip()


def footer(desk: Desk) -> str:
    return desk.fleet_screen.query_one(Footer).render().plain.strip()


def said(desk: Desk) -> list[str]:
    """Everything that was said, newest first."""
    return [f"{entry.text} {entry.detail}".strip() for entry in desk.history.newest_first()]


def shown(pilot: AppPilot) -> str:
    """The text of all statics of the topmost screen that are on display."""
    texts = (box.visual for box in pilot.app.screen.query(Static) if box.display)
    return "\n".join(text.plain for text in texts if isinstance(text, Content))


def cursor(desk: Desk) -> str:
    """The name of the MicroVM under the cursor."""
    row = desk.fleet_screen.table.cursor_row
    return row.name if row else ""
