"""Which MicroVMs an action works on when none is named, and which ones a name stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from mvm_tui.fleet.actions import Action, Scope
from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.text import clean

if TYPE_CHECKING:
    from mvm_tui.tui.desk import Desk

_ENOUGH = 50


def rows_for(desk: Desk, action: Action) -> Sequence[FleetRow]:
    """What an action without named MicroVMs works on: marked rows or the cursor's, as its scope says."""
    table = desk.fleet_screen.table
    if action.scope is Scope.MICROVMS:
        return table.selected_rows()
    row = table.cursor_row
    return (row,) if action.scope is Scope.MICROVM and row is not None else ()


def rows_in_reach(desk: Desk, action: Action) -> Sequence[FleetRow]:
    """Some of what `rows_for` answers: enough to tell whether the action does anything now."""
    table = desk.fleet_screen.table
    if action.scope is Scope.MICROVMS and table.marks and desk.fleet is not None:
        rows = (desk.fleet.row(microvm_id) for microvm_id in islice(table.marks, _ENOUGH))
        return [row for row in rows if row is not None]
    return (table.cursor_row,) if table.cursor_row is not None else ()


def find_rows(rows: Mapping[str, FleetRow], words: Sequence[str]) -> list[FleetRow]:
    """The MicroVMs meant by ids, unique beginnings of ids, or local names.

    Raises:
        ValueError: A word means none or several; the message says which.
    """
    return [_find(rows, word) for word in words]


def _find(rows: Mapping[str, FleetRow], word: str) -> FleetRow:
    if word in rows:
        return rows[word]
    named = [row for row in rows.values() if row.name == word]
    found = named or [row for row in rows.values() if _begins(row.id, word)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise ValueError(f"There is no MicroVM {clean(word, 60)!r}.")
    raise ValueError(f"{clean(word, 60)!r} means {len(found)} MicroVMs: give more of the id.")


def _begins(microvm_id: str, word: str) -> bool:
    return microvm_id.startswith(word) or microvm_id.partition("-")[2].startswith(word)
