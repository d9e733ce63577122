"""From what the user wrote to MicroVMs: ids, beginnings of ids, names, stdin, selections."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click

from mvm_tui.cli.exits import Refusal
from mvm_tui.cli.output import say
from mvm_tui.cli.reading import listed_rows, paced_get, read_row, remembered, side_by_side
from mvm_tui.cli.session import Session
from mvm_tui.model.errors import Gone
from mvm_tui.model.fleet_row import STATE_WORDS, FleetRow
from mvm_tui.model.microvm import TERMINATED, Microvm
from mvm_tui.model.text import clean

STDIN = "-"
# Ids as the service makes them; one of an emulator's is looked up in the listing.
_FULL_ID = re.compile(r"microvm-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHOWN_CANDIDATES = 5


@dataclass(frozen=True, slots=True)
class Selection:
    """Which MicroVMs of a listing are meant. What is empty or None selects nothing away."""

    images: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    older_than: int | None = None

    def __bool__(self) -> bool:
        return bool(self.images or self.states) or self.older_than is not None

    def matches(self, row: FleetRow, now: datetime) -> bool:
        return (
            (not self.images or any(_is_image(row, image) for image in self.images))
            and (not self.states or any(_is_state(row, state) for state in self.states))
            and (self.older_than is None or _is_older(row, now, self.older_than))
        )

    def doubt(self, listing: Sequence[FleetRow]) -> None:
        """Say which states are nobody's and unknown to us: mistyped ones must not pass for an empty fleet."""
        for state in self.states:
            known = any(state.casefold() in (name.casefold(), STATE_WORDS[name]) for name in STATE_WORDS)
            if not known and not any(_is_state(row, state) for row in listing):
                say(f"No state is called {state}. There are: {', '.join(STATE_WORDS.values())}.")


def _is_image(row: FleetRow, wanted: str) -> bool:
    vm = row.vm
    return wanted in (vm.image_name, vm.image_label, vm.image_arn, f"{vm.image_arn}:{vm.image_version}")


def _is_state(row: FleetRow, wanted: str) -> bool:
    word = STATE_WORDS.get(row.vm.state, row.vm.state)
    return wanted.casefold() in (row.vm.state.casefold(), word.casefold())


def _is_older(row: FleetRow, now: datetime, seconds: int) -> bool:
    """A MicroVM whose start is not known is not older than anything."""
    started = row.vm.started_at
    return started is not None and (now - started).total_seconds() > seconds


def split_words(
    context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    """``--state a,b --state c`` → a, b, c."""
    return tuple(word.strip() for part in value for word in part.split(",") if word.strip())


def image_and_state(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options ``--image`` and ``--state``, shared by listing and acting."""
    for option in (
        click.option(
            "--state",
            "states",
            multiple=True,
            callback=split_words,
            metavar="STATE",
            help="In this state; repeatable.",
        ),
        click.option(
            "--image",
            "images",
            multiple=True,
            callback=split_words,
            metavar="NAME[:VERSION]",
            help="Of this image; repeatable.",
        ),
    ):
        function = option(function)
    return function


def one_row(session: Session, word: str) -> FleetRow:
    """The one MicroVM that a word names; without its details unless they came for nothing.

    Raises:
        Gone: No MicroVM is called so.
        Refusal: Several are.
    """
    return read_row(session, word) if _FULL_ID.fullmatch(word) else find(listed_rows(session), word)


def rows_named(session: Session, words: Sequence[str]) -> tuple[list[FleetRow], dict[str, Gone]]:
    """The MicroVMs that words name, in their order and each once, and the full ids that are none.

    The listing is read only if a word is no full id; full ids are read one by one.

    Raises:
        Gone: A name, or a beginning of an id, is nobody's.
        Refusal: It is that of several.
    """
    listing = None if all(_FULL_ID.fullmatch(word) for word in words) else listed_rows(session)
    known = {row.id: row for row in listing or ()}
    ids = list(dict.fromkeys(w if _FULL_ID.fullmatch(w) else find(listing or (), w).id for w in words))
    gone: dict[str, Gone] = {}

    def read(microvm_id: str) -> Microvm | None:
        try:
            return paced_get(session, microvm_id)
        except Gone as problem:
            gone[microvm_id] = problem
            return None

    unread = [microvm_id for microvm_id in ids if microvm_id not in known]
    found = [vm for vm in side_by_side(read, unread) if vm is not None]
    known |= {row.id: row for row in remembered(session, found)}
    return [known[microvm_id] for microvm_id in ids if microvm_id in known], gone


def find(listing: Sequence[FleetRow], word: str) -> FleetRow:
    """The row a word names: its id, its name, or the beginning of its id with or without the prefix.

    What has not ended goes before what has: names and beginnings may come again.
    """
    # An empty word is an unset variable of a script: it must not begin every id.
    listing = listing if word else ()
    by_id = [row for row in listing if row.id == word]
    named = [row for row in listing if row.name == word]
    begins = [row for row in listing if row.id.startswith(word) or _bare(row.id).startswith(word)]
    for candidates in (by_id, named, begins):
        alive = [row for row in candidates if row.vm.state != TERMINATED]
        found = alive or candidates
        if len(found) == 1:
            return found[0]
        if found:
            raise Refusal(_ambiguous(word, found))
    raise Gone(
        f"There is no MicroVM {clean(word)!r}.",
        "Neither an id nor a name in this account and region is or begins so.",
        "See mvm-tui ls --all.",
    )


def _bare(microvm_id: str) -> str:
    return microvm_id.partition("-")[2]


def _ambiguous(word: str, rows: Sequence[FleetRow]) -> str:
    shown = ", ".join(
        clean(row.id) + (f" ({clean(row.name)})" if row.name else "") for row in rows[:_SHOWN_CANDIDATES]
    )
    more = ", …" if len(rows) > _SHOWN_CANDIDATES else ""
    return f"{clean(word)!r} may be {len(rows)} MicroVMs: {shown}{more}. Write more of the id, or all of it."


def words_with_stdin(words: Sequence[str]) -> list[str]:
    """The words with ``-`` replaced by those on stdin."""
    read: list[str] = []
    for word in words:
        read += sys.stdin.read().split() if word == STDIN else [word]
    return read
