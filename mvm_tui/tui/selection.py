"""Which MicroVMs a name that was typed stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mvm_tui.model.fleet_row import FleetRow
from mvm_tui.model.text import clean


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
