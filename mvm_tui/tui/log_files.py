"""A log on its way out: saved to a file, or read in the pager."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from mvm_tui.logs.lines import LineForm
from mvm_tui.logs.save import Exists, as_ndjson, as_text, save
from mvm_tui.model.errors import Problem
from mvm_tui.model.text import clean
from mvm_tui.tui.dialogs.confirm import Confirm
from mvm_tui.tui.dialogs.save_log import SaveDialog, Saving
from mvm_tui.tui.log_entries import Entry
from mvm_tui.tui.log_pager import page, pager_command
from mvm_tui.tui.log_pipeline import events_of
from mvm_tui.tui.log_sources import subject_words
from mvm_tui.tui.widgets.log_lines import Times

if TYPE_CHECKING:
    from mvm_tui.tui.desk import Desk
    from mvm_tui.tui.screens.logs import LogsScreen


def ask_and_save(desk: Desk, screen: LogsScreen) -> None:
    """Ask for the file, then save."""
    if not screen.view.window.entries:
        desk.say("There are no lines to save.", "warning")
        return
    dialog = SaveDialog(suggested_name(desk, screen), len(screen.view.window.entries), screen.count_held)
    desk.app.push_screen(dialog, lambda saving: _save(desk, screen, saving) if saving else None)


def save_as(desk: Desk, screen: LogsScreen, name: str) -> None:
    """Save what is shown, as the file's ending says."""
    path = Path(name).expanduser()
    _save(desk, screen, Saving(path, shown=True, ndjson=path.suffix in (".ndjson", ".jsonl")))


def suggested_name(desk: Desk, screen: LogsScreen) -> str:
    """A file's name for what is read, without its ending."""
    reading = screen.session.reading
    words = subject_words(desk, reading.subject) if reading else "log"
    plain = re.sub(r"[^A-Za-z0-9.-]+", "-", words.partition(" · ")[0]).strip("-.")
    return f"{plain or 'log'}-{desk.now.astimezone():%Y%m%d-%H%M%S}"


def _save(desk: Desk, screen: LogsScreen, saving: Saving, *, overwrite: bool = False) -> None:
    if saving.shown:
        _write(desk, screen, saving, list(screen.view.window.entries), overwrite)
    else:
        screen.all_entries(lambda entries: _write(desk, screen, saving, entries, overwrite))


def _write(desk: Desk, screen: LogsScreen, saving: Saving, entries: list[Entry], overwrite: bool) -> None:
    now, form = desk.now, _form(screen)

    def write() -> int:
        events = events_of(entries)
        lines = as_ndjson(events) if saving.ndjson else as_text(events, form, now)
        return save(saving.path, lines, overwrite=overwrite)

    def deliver(answer: int | Problem) -> None:
        if isinstance(answer, Exists):
            desk.app.push_screen(
                Confirm(f"{clean(saving.path, 80)} exists. Overwrite it?", "overwrite it"),
                lambda yes: _save(desk, screen, saving, overwrite=True) if yes else None,
            )
        elif isinstance(answer, Problem):
            desk.report(answer)
        else:
            desk.say(f"Saved {answer:,} bytes to {clean(saving.path, 120)}.")

    desk.ask(write, deliver)


def _form(screen: LogsScreen) -> LineForm:
    """Text as it is shown: with these times, with sources where there are several."""
    manner = screen.view.manner
    times = Times.LOCAL if manner.times is Times.RELATIVE else manner.times
    return LineForm(times.value, source=manner.sources is not None)


def open_pager(desk: Desk, screen: LogsScreen) -> None:
    """Leave the screen to the pager until it ends."""
    entries = list(screen.view.window.entries)
    if not entries:
        desk.say("There are no lines to read.", "warning")
        return
    try:
        command = pager_command(os.environ)
        with desk.app.suspend():
            page(as_text(events_of(entries), _form(screen), desk.now), command)
    except SuspendNotSupported:
        desk.say("The pager needs the terminal itself, which is not here.", "warning")
    except Problem as problem:
        desk.report(problem)
